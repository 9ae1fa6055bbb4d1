/** The interval for sidecars that upload in a loop of their own: `uploadInterval`. Pure. */
import { Cron } from 'croner'
import { formatGoDuration } from '../lib/go-duration.ts'

/** Slots are counted from this fixed time, because the pod template must not change with the clock. */
const REFERENCE = new Date('2001-01-01T00:00:00Z')
/** Enough slots to find the shortest interval of any usual schedule. */
const SLOTS = 64

/**
 * The shortest time between two slots of a schedule, as a Go duration; undefined if it has fewer than two slots.
 * @param expression five fields or @hourly, @daily, ...
 */
export function uploadInterval(expression: string): string | undefined {
  const times = slots(expression)
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time))
  return gaps.length === 0 ? undefined : formatGoDuration(Math.min(...gaps))
}

function slots(expression: string): readonly number[] {
  try {
    const cron = new Cron(expression, { timezone: 'UTC', paused: true })
    return cron.nextRuns(SLOTS, REFERENCE).map(slot => slot.getTime())
  } catch {
    // The recurring task itself reports an invalid cron expression.
    return []
  }
}
