/** The condition RuntimeTasksHealthy: how the runs of recurring tasks ended: `evaluateRecurring`. Pure. */
import type { RecurringTask } from '../../../api/seinode-status.ts'
import { uploadInterval } from '../../../build/upload-interval.ts'
import type { Observation } from '../observation.ts'
import type { NodeFinding } from '../../shared/conditions.ts'

export function evaluateRecurring({
  node,
  recurring: { wanted, tasks, problem },
}: Observation): NodeFinding<'RuntimeTasksHealthy'> {
  if (wanted === 0) {
    const unused = node.spec.snapshotGeneration
      ? ': snapshots stay on the volume, and snapshotGeneration.schedule has no effect without a destination'
      : ''
    return { reason: 'NotConfigured', message: `the spec has no recurring task${unused}` }
  }
  const failures = tasks.flatMap(({ type, lastResult }) =>
    lastResult?.error === undefined ? [] : [`${type} failed: ${lastResult.error}`],
  )
  if (problem !== undefined) {
    return { reason: 'ScheduleRefused', message: [`${problem}. Correct it`, ...failures].join('; ') }
  }
  if (failures.length > 0) {
    return { reason: 'Failing', message: `${failures.join('; ')}. The next slot runs it again` }
  }
  const notes = tasks.flatMap(({ note }) => note ?? [])
  const where = notes.length > 0 ? `; ${notes.join('; ')}` : ''
  const loop = tasks.find(({ lastResult, resultUnknown }) => lastResult?.status === 'Running' && resultUnknown === true)
  if (loop) return { reason: 'ResultUnknown', message: `${loopMessage(loop)}${where}` }
  const ended = tasks.filter(({ lastResult }) => lastResult?.completedAt !== undefined)
  if (ended.length > 0) {
    const told = ended.flatMap(({ type, lastResult }) =>
      lastResult?.message ? [`${type}: ${lastResult.message}`] : [],
    )
    const what = told.length > 0 ? ` (${told.join('; ')})` : ''
    return { reason: 'Healthy', message: `the last run of every recurring task succeeded${what}${where}` }
  }
  const isUnderWay = tasks.some(({ lastResult }) => lastResult !== undefined)
  return {
    reason: 'Waiting',
    message: isUnderWay ? `the first run is under way${where}` : 'no recurring task has come due yet',
  }
}

/** A sidecar up to v0.0.25 says how the run ended once it has: until then it is not told from one that never ends. */
function loopMessage({ type, schedule = '' }: RecurringTask): string {
  const interval = uploadInterval(schedule)
  const pace =
    interval === undefined
      ? `not at the times of schedule "${schedule}"`
      : `every ${interval} (SEI_SNAPSHOT_UPLOAD_INTERVAL, taken from the schedule) and not at the times of schedule "${schedule}"`
  return `${type} runs. Sidecars from v0.0.26 to v0.0.65 upload in a loop of their own, ${pace}, and do not say whether uploads succeed: read the sidecar's log, or set spec.sidecar.image to v0.0.66 or newer`
}
