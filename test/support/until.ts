/** Waits for a condition, with a deadline that explains itself: `until`. */
import { inspect } from 'node:util'

export interface UntilOptions {
  /** Milliseconds; 180,000 by default, for machines that run many tests at once. */
  readonly deadlineMs?: number
  /** The state to print when the deadline passes. */
  readonly found?: () => unknown
  /** Interval of the probes, milliseconds; by default a twentieth of the wait so far, from 20 to 100. */
  readonly intervalMs?: number
}

/** The first value of `probe` that is not undefined. A probe that throws ends the wait. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  { deadlineMs = 180_000, found = () => 'nothing', intervalMs }: UntilOptions = {},
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
