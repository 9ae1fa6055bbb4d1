/** What a round has to stay below, and whether it did: `evaluate`. Reported, never asserted. */
import type { Round } from './figures.ts'

export interface Budget {
  /** As the table shows the limit. */
  readonly text: string
  readonly limit: number
  readonly measured: (round: Round) => number
}

/** Creation to the last plan complete, in times the floor. */
const wallTime: Budget = {
  text: '≤ 1.3 x',
  limit: 1.3,
  measured: ({ operator, floor }) => operator.planCompleteMs / floor.lastWriteMs,
}

/** API requests per node, watches apart. */
const requests: Budget = {
  text: '≤ 12',
  limit: 12,
  measured: ({ operator, nodes }) => operator.requests.requests / nodes,
}

/** User and system time per node, milliseconds. */
const cpu: Budget = {
  text: '≤ 8 ms',
  limit: 8,
  measured: ({ operator, nodes }) => operator.cpuMs / nodes,
}

/** Megabytes, before or after the quiet period, whichever is more. */
const rss: Budget = {
  text: '≤ 84 MB',
  limit: 84,
  measured: ({ operator, quiet }) => Math.max(operator.rss, quiet.rss) / 1e6,
}

/** Requests but watches in the whole quiet period. */
const quiet: Budget = {
  text: 'none',
  limit: 0,
  measured: round => round.quiet.requests.requests,
}

/** Share of a core, in per cent, in the quiet period: all that runs then is the observation of each node's chain. */
const observing: Budget = {
  text: '≤ 3 %',
  limit: 3,
  measured: ({ quiet: { cpuMs, seconds } }) => cpuMs / seconds / 10,
}

/** Two in five sidecars are silent: how much longer a healthy node takes to bootstrap, 95 in 100. */
const silence: Budget = {
  text: '≤ 1.5 x',
  limit: 1.5,
  measured: ({ operator, silent }) => silent.bootstrapP95Ms / operator.bootstrapP95Ms,
}

export const BUDGETS = { wallTime, requests, cpu, rss, quiet, observing, silence } as const

export interface BudgetResult {
  readonly limit: number
  readonly measured: number
  readonly met: boolean
}

export function evaluate({ limit, measured }: Budget, round: Round): BudgetResult {
  const found = measured(round)
  return { limit, measured: found, met: found <= limit }
}
