/** How long to wait before the next attempt: `backoffMs`. */

export interface BackoffPolicy {
  readonly initialMs: number
  readonly maxMs: number
  /** The share of a wait, 0 to 1, that is random, so that clients do not retry at the same moment. Default: 0. */
  readonly jitter?: number
}

/**
 * Milliseconds to wait after failure number `attempt`.
 * @param attempt counts from 0
 * @param random from 0 up to, not including, 1
 */
export function backoffMs(attempt: number, policy: BackoffPolicy, random: number): number {
  const { initialMs, maxMs, jitter = 0 } = policy
  const full = Math.min(maxMs, initialMs * 2 ** attempt)
  return full * (1 - jitter * random)
}
