/** Waits for a condition, with a deadline that explains itself: `until`. */
import { inspect } from 'node:util'

export interface UntilOptions {
  /** Milliseconds; 60,000 by default: a machine that runs many tests at once is slow, and a wait that is met costs nothing. */
  readonly deadlineMs?: number
  /** What is shown when the deadline passes. */
  readonly found?: () => unknown
  /** Between two probes, milliseconds; a twentieth of the wait so far by default, 20 at least and 100 at most. */
  readonly intervalMs?: number
}

/** The first value of `probe` that is not undefined. A probe that throws ends the wait. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  { deadlineMs = 60_000, found = () => 'nothing', intervalMs }: UntilOptions = {},
): Promise<T> {
  const started = Date.now()
  for (;;) {
    const value = await probe()
    if (value !== undefined) return value
    const waitedMs = Date.now() - started
    if (waitedMs > deadlineMs) {
      const shown = inspect(await found(), { depth: 12, maxStringLength: 4000 })
      throw new Error(`waited ${deadlineMs / 1000} s for ${what}; found ${shown}`)
    }
    await new Promise(resolve => {
      setTimeout(resolve, intervalMs ?? Math.min(Math.max(20, waitedMs / 20), 100))
    })
  }
}
