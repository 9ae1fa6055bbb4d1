/** Durations as Go writes them ("9999h0m0s", "1.5h", "250ms"): `parseGoDuration`, `formatGoDuration`. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

const PART = '(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h)'
const DURATION = new RegExp(`^[+-]?(?:0|(?:${PART})+)$`)
const PARTS = /([0-9.]+)([a-zµμ]+)/g

/** Go keeps durations as nanoseconds in 64 bits: about 292 years. */
const MAX_MS = 2 ** 63 / 1e6

/** Milliseconds; undefined if `text` is not a duration or exceeds Go's range. */
export function parseGoDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  let ms = 0
  for (const [, amount, unit = ''] of text.matchAll(PARTS)) ms += Number(amount) * (UNIT_MS[unit] ?? 0)
  if (ms >= MAX_MS) return undefined
  return text.startsWith('-') && ms > 0 ? -ms : ms
}

/** Whole seconds, as Go prints them: `24h0m0s`. */
export function formatGoDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 3600)}h${Math.floor(seconds / 60) % 60}m${seconds % 60}s`
}
