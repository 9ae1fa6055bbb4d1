/** Durations and times as kubectl shows them: `humanDuration`, `ageOf`. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/** At most two units, fewer the longer it is: `45s`, `3m20s`, `25m`, `5h10m`, `30h`, `4d2h`, `90d`, `3y`. */
export function humanDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown'
  const duration = Math.max(0, ms)
  if (duration < 2 * MINUTE) return `${Math.floor(duration / SECOND)}s`
  if (duration < 10 * MINUTE) return two(duration, MINUTE, 'm', SECOND, 's')
  if (duration < 3 * HOUR) return `${Math.floor(duration / MINUTE)}m`
  if (duration < 8 * HOUR) return two(duration, HOUR, 'h', MINUTE, 'm')
  if (duration < 2 * DAY) return `${Math.floor(duration / HOUR)}h`
  if (duration < 8 * DAY) return two(duration, DAY, 'd', HOUR, 'h')
  if (duration < 2 * YEAR) return `${Math.floor(duration / DAY)}d`
  return `${Math.floor(duration / YEAR)}y`
}

/** Time since an RFC 3339 time; `unknown` for a text that is none. */
export function ageOf(time: string | undefined, now: number): string {
  return humanDuration(now - Date.parse(time ?? ''))
}

function two(ms: number, unit: number, name: string, smaller: number, smallerName: string): string {
  const rest = Math.floor((ms % unit) / smaller)
  return `${Math.floor(ms / unit)}${name}${rest === 0 ? '' : `${rest}${smallerName}`}`
}
