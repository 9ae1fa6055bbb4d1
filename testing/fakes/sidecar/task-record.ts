/** One row of a sidecar's task memory, and how it reads on the wire. */

export type Params = Readonly<Record<string, unknown>>

/** As sent: `{cron}` at top level, or below `async`. */
export type Schedule = { readonly field: 'schedule' | 'async'; readonly value: unknown; readonly nextRunAt?: string }

export interface TaskRecord {
  readonly id: string
  readonly type: string
  readonly params?: Params
  readonly status: 'running' | 'completed' | 'failed'
  readonly error?: string
  readonly submittedAt: string
  readonly completedAt?: string
  readonly run: number
  readonly result?: unknown
  readonly schedule?: Schedule
}

export interface WireOptions {
  readonly runCounter: boolean
  readonly result: 'none' | 'on-success' | 'always'
}

export function toWire(record: TaskRecord, options: WireOptions): Readonly<Record<string, unknown>> {
  const { schedule, run, result, ...rest } = record
  const showResult = options.result === 'always' || (options.result === 'on-success' && record.status === 'completed')
  return {
    ...rest,
    ...(options.runCounter && { run }),
    ...(showResult && result !== undefined && { result }),
    ...(schedule && { [schedule.field]: schedule.value }),
    ...(schedule?.nextRunAt !== undefined && { nextRunAt: schedule.nextRunAt }),
  }
}

/** RFC 3339 with nine fraction digits: the milliseconds of the clock, then `tick`, so that two stamps of one sidecar never tie. */
export function stamp(epochMs: number, tick: number, zone: 'local' | 'utc'): string {
  const offset = zone === 'local' ? -new Date(epochMs).getTimezoneOffset() : 0
  const wall = new Date(epochMs + offset * 60_000).toISOString().slice(0, -1)
  return `${wall}${String(tick % 1_000_000).padStart(6, '0')}${zoneText(offset)}`
}

function zoneText(offsetMinutes: number): string {
  if (offsetMinutes === 0) return 'Z'
  const size = Math.abs(offsetMinutes)
  return `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
