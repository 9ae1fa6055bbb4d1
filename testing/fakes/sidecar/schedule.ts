/** Reads the schedule of a request as the release does: accepted and stored with its next time, never fired here. */
import { Cron } from 'croner'

import type { Profile } from './profile.ts'
import { parseGoDuration } from '../../../src/lib/go-duration.ts'
import { isObject } from './params.ts'
import type { Schedule } from './task-record.ts'

/** Undefined where the request runs once, now. Throws the text of the 400. */
export function readSchedule(
  body: Readonly<Record<string, unknown>>,
  profile: Profile,
  now: number,
): Schedule | undefined {
  if (profile.schedule === 'ignored') return undefined
  const value = body[profile.schedule]
  if (value === undefined || value === null) return undefined
  const field = profile.schedule
  if (field === 'schedule') return { field, value, nextRunAt: nextRun(value, now) }
  if (!isObject(value)) return undefined
  if (isObject(value['daemon'])) return { field, value }
  return { field, value, nextRunAt: nextRun(value['schedule'], now) }
}

/** Five fields or a descriptor (`@daily`, `@every 1h`), in the sidecar's local time. */
function nextRun(schedule: unknown, now: number): string {
  const cron = isObject(schedule) ? schedule['cron'] : undefined
  if (typeof cron !== 'string' || cron === '') throw new Error('schedule must specify a cron expression')
  const every = /^@every (\S+)$/.exec(cron)?.[1]
  const period = every === undefined ? undefined : parseGoDuration(every)
  if (period !== undefined) return new Date(now + period).toISOString()
  const fields = cron.trim().split(/\s+/).length
  try {
    if (!cron.startsWith('@') && fields !== 5) throw new Error(`expected exactly 5 fields, found ${fields}: [${cron}]`)
    return (new Cron(cron).nextRun(new Date(now)) ?? new Date(now)).toISOString()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`invalid cron expression ${JSON.stringify(cron)}: ${why}`, { cause: error })
  }
}
