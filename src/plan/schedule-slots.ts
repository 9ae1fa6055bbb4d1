/** When recurring work is due: a cron expression in UTC plus a fixed jitter per node: `nextSlot`. Pure. */
import { Cron } from 'croner'
import { stableHash } from '../lib/stable-hash.ts'

/** The largest jitter, milliseconds. */
const LONGEST_JITTER_MS = 15 * 60_000
/** The largest jitter as a share of the time between two slots. */
const JITTER_SHARE = 0.1

/**
 * The first slot after `after`, both milliseconds since the epoch. The jitter spreads nodes that share a schedule: it
 * derives from `seed`, never changes, and is far below the time between two slots.
 * @param expression five fields or @hourly, @daily, ...
 * @throws TypeError or RangeError where `expression` is no cron expression
 */
export function nextSlot(expression: string, after: number, seed: string): number {
  const cron = new Cron(expression, { timezone: 'UTC', paused: true })
  const delayOf = (slot: number): number => jitter(seed, (following(cron, slot) ?? slot) - slot)
  // The jitter may move a slot before `after` to a time after it.
  const [last] = cron.previousRuns(1, new Date(after))
  if (last) {
    const delayed = last.getTime() + delayOf(last.getTime())
    if (delayed > after) return delayed
  }
  const slot = following(cron, after)
  if (slot === undefined) throw new RangeError(`cron expression ${JSON.stringify(expression)} never comes due again`)
  return slot + delayOf(slot)
}

/** Cached, because finding that a schedule never comes due takes 0.1 s. */
const problems = new Map<string, string | undefined>()
const MOST_REMEMBERED = 1000

/** Why the schedule never comes due; undefined where it does. */
export function scheduleProblem(expression: string): string | undefined {
  if (problems.has(expression)) return problems.get(expression)
  const problem = findProblem(expression)
  if (problems.size >= MOST_REMEMBERED) problems.clear()
  problems.set(expression, problem)
  return problem
}

function findProblem(expression: string): string | undefined {
  try {
    nextSlot(expression, 0, '')
    return undefined
  } catch (error) {
    if (error instanceof RangeError) return `schedule ${JSON.stringify(expression)} never comes due`
    return `schedule ${JSON.stringify(expression)} is no cron expression: ${error instanceof Error ? error.message : String(error)}`
  }
}

function following(cron: Cron, after: number): number | undefined {
  return cron.nextRun(new Date(after))?.getTime()
}

function jitter(seed: string, intervalMs: number): number {
  const bound = Math.min(LONGEST_JITTER_MS, intervalMs * JITTER_SHARE)
  const share = Number.parseInt(stableHash(seed).slice(0, 8), 16) / 2 ** 32
  return Math.floor((share * bound) / 1000) * 1000
}
