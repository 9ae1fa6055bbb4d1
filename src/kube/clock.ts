/** Intervals and timers, `sleep` and `withDeadline`. */

/** A timer that was set and has not been cleared. */
export interface Timer {
  [Symbol.dispose](): void
}

export interface KubeClock {
  /** Milliseconds since an arbitrary start. It never goes back: use it for every interval. */
  monotonic(): number
  setTimeout(callback: () => void, ms: number): Timer
  clearTimeout(timer: Timer): void
}

/** The longest delay that Node supports; it fires longer ones at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The system clock. Timers for more than 24 days fire after 24 days. */
export const realClock: KubeClock = {
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS)),
  clearTimeout: timer => timer[Symbol.dispose](),
}

/** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal: AbortSignal | undefined, clock: KubeClock): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const onAbort = () => {
      clock.clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

export interface Deadline {
  readonly ms: number
  readonly clock: KubeClock
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs `work` with a signal that is aborted with `signal`, or after `ms`. Rejects at that moment, even if the work ignores
 * its signal.
 */
export async function withDeadline<T>(
  { ms, clock, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (reason: unknown): void => {
    controller.abort(reason)
    reject(reason)
  }
  const onAbort = (): void => end(signal?.reason)
  const timer = clock.setTimeout(() => end(new Error(`no answer within ${Math.round(ms)} ms`)), ms)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(controller.signal), ended])
  } finally {
    clock.clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
