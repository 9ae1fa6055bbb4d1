/** Validation of cron expressions for recurring work: `scheduleRules`. */
import type { GuardedField } from './guarded-rules.ts'

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

const SCHEDULE_MESSAGE =
  'schedule must be a cron expression of five fields (minute hour day-of-month month day-of-week) such as "0 0 * * *" or "*/15 8-18 * * MON-FRI", or one of @hourly, @daily, @weekly, @monthly, @yearly. A range goes upwards, and a step follows "*" or a range and is not above what the field holds'

interface Field {
  readonly number: string
  /** Names in order. A range ends with its first name or a later one. */
  readonly names?: readonly string[]
  /** Pattern of the step values, from 1 to the field's maximum. */
  readonly step: string
}

const FIELDS: readonly Field[] = [
  { number: '[0-5]?[0-9]', step: '([1-9]|[1-5][0-9]|60)' },
  { number: '([01]?[0-9]|2[0-3])', step: '([1-9]|1[0-9]|2[0-4])' },
  { number: '(0?[1-9]|[12][0-9]|3[01])', step: '([1-9]|[12][0-9]|3[01])' },
  { number: '(0?[1-9]|1[0-2])', names: MONTHS, step: '([1-9]|1[0-2])' },
  { number: '[0-7]', names: DAYS, step: '[1-7]' },
]

function fieldPattern({ number, names = [], step }: Field): string {
  const ranges = [`${number}-${number}`, ...names.map((name, i) => `${name}-(${names.slice(i).join('|')})`)]
  const value = [number, ...names].join('|')
  const part = `(${value}|(\\*|${ranges.join('|')})(/${step})?)`
  return `${part}(,${part})*`
}

/** A range of numbers in either order. */
export const SCHEDULE = new RegExp(
  `^(@(yearly|annually|monthly|weekly|daily|hourly)|${FIELDS.map(fieldPattern).join(' +')})$`,
)
export const NUMBER_RANGE = /[0-9]+-[0-9]+/

const list = (part: string): string => `${part}(,${part})*`
// Dates that never occur: days that no listed month has, if any day of the week is allowed.
export const NEVER_DUE = new RegExp(
  `^[^ ]+ +[^ ]+ +(${list('(30(-3[01])?|31(-31)?)(/[0-9]+)?')} +${list('(0?2|FEB)')}|${list('31(-31)?(/[0-9]+)?')} +${list('(0?[2469]|11|FEB|APR|JUN|SEP|NOV)')}) +\\*$`,
)

const matches = (value: string, pattern: RegExp): string => `${value}.matches(${JSON.stringify(pattern.source)})`

/** @param field path from the object's root */
export function scheduleRules(field: string): readonly GuardedField[] {
  return [
    {
      field,
      message: SCHEDULE_MESSAGE,
      allows: (value, unchanged) =>
        `(${matches(value, SCHEDULE)} && ${value}.findAll("${NUMBER_RANGE.source}").all(r, int(r.split("-")[0]) <= int(r.split("-")[1]))) || ${unchanged()}`,
    },
    {
      field,
      message: 'schedule must come due: no month that it names has that day',
      allows: (value, unchanged) => `!${matches(value, NEVER_DUE)} || ${unchanged()}`,
    },
  ]
}
