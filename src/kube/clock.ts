/** Time as this package needs it: intervals and timers, and a `sleep` that a signal ends. */

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

/** The longest delay that Node takes; it fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's own. Timers set for more than 24 days fire after 24 days. */
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
