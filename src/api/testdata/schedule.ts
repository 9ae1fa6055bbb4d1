/** Applies the schedule rules as the API server does: `isSchedule`. */
import { NEVER_DUE, NUMBER_RANGE, SCHEDULE } from '../schedule.ts'

/** Whether the API server accepts the expression in a new object. */
export function isSchedule(text: string): boolean {
  const isUpward = [...text.matchAll(new RegExp(NUMBER_RANGE, 'g'))].every(([range]) => {
    const [from = '', to = ''] = range.split('-')
    return Number(from) <= Number(to)
  })
  return SCHEDULE.test(text) && isUpward && !NEVER_DUE.test(text)
}
