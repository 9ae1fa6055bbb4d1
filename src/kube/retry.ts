/** Decides which failed requests the client retries itself, and when. The caller may retry all others. */
import { backoffMs } from '../lib/backoff.ts'
import { ApiError, TransportError } from './errors.ts'

export interface Attempt {
  /** 1 for the first. */
  readonly number: number
  /** The request is idempotent. */
  readonly idempotent: boolean
  /** 0 to 1, for the jitter. */
  readonly random: number
}

const MAX_ATTEMPTS = 5
const MAX_RESETS = 3
/** The longest wait inside the client. For a longer one the error names the time, so that the caller can do other work. */
const MAX_WAIT_MS = 10_000
const FIRST_WAIT_MS = 250

/**
 * Milliseconds to wait before the next attempt, or undefined to give up. 429 was refused before anything happened, so
 * every verb may be repeated; 503 with Retry-After and a broken connection are repeated for reads only.
 */
export function retryDelayMs(error: unknown, attempt: Attempt): number | undefined {
  if (attempt.number >= MAX_ATTEMPTS) return undefined
  if (error instanceof TransportError) {
    const again = error.kind === 'reset' && attempt.idempotent && attempt.number < MAX_RESETS
    // The first failure is usually an idle connection that the server closed: a new one works at once.
    return again ? (attempt.number - 1) * FIRST_WAIT_MS * (1 + attempt.random) : undefined
  }
  if (!(error instanceof ApiError)) return undefined
  const busy = error.status === 429 || (error.status === 503 && error.retryAfterMs !== undefined && attempt.idempotent)
  if (!busy) return undefined
  const wait = error.retryAfterMs ?? backoffMs(attempt.number - 1, { initialMs: FIRST_WAIT_MS, maxMs: MAX_WAIT_MS }, 0)
  // Not before Retry-After, with jitter.
  return wait > MAX_WAIT_MS ? undefined : wait * (1 + attempt.random / 4)
}
