/** When a seid is queried next, and whether its answer is evaluated at once: `nextQuery`. Pure. */
import type { ChainHealth } from '../../../chain/health.ts'
import { backoffMs } from '../../../lib/backoff.ts'

/** A query that has just ended. */
export interface EndedQuery {
  /** Queries since the last answer; 0: it was answered. */
  readonly failures: number
  /** It was answered without a new block. */
  readonly isStanding: boolean
  /** Somebody waits for the answer. */
  readonly isHurried: boolean
  /** What was announced of the node before. */
  readonly kind: ChainHealth['kind'] | undefined
}

export interface NextQuery {
  /** Monotonic, milliseconds. */
  readonly dueAt: number
  readonly evaluateNow: boolean
}

/** Queries of one node are spread by this share of the interval. */
const JITTER = 0.2
const FIRST_RETRY_MS = 500
/** A node without a new block is queried this many times as often: blocks come several times a second. */
const STANDING_FACTOR = 3
/** Batches in an interval. A query in a batch costs less than half of one alone. */
const BATCHES = 3

export function batchMs(intervalMs: number): number {
  return intervalMs / BATCHES
}

/**
 * Nodes that follow their chain are queried in batches, and evaluated with the next batch. Any other answer is evaluated at
 * once, and the node is queried on its own.
 * @param now monotonic, milliseconds
 * @param random from 0 up to, not including, 1
 */
export function nextQuery(
  { failures, isStanding, isHurried, kind }: EndedQuery,
  now: number,
  intervalMs: number,
  random: number,
): NextQuery {
  if (failures > 0) {
    const retry = { initialMs: FIRST_RETRY_MS, maxMs: intervalMs, jitter: JITTER }
    return { dueAt: now + backoffMs(failures - 1, retry, random), evaluateNow: true }
  }
  const usualMs = isStanding ? intervalMs / STANDING_FACTOR : intervalMs
  const dueAt = now + usualMs * (1 - JITTER * random)
  if (isStanding || kind !== 'Following') return { dueAt, evaluateNow: true }
  const batch = batchMs(intervalMs)
  return { dueAt: Math.round(dueAt / batch) * batch, evaluateNow: isHurried }
}
