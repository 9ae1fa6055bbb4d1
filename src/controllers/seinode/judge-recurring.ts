/** The condition RuntimeTasksHealthy: how the runs of recurring tasks ended: `judgeRecurring`. Pure. */
import type { Round } from './round.ts'
import type { Judgement } from './verdict.ts'

export function judgeRecurring({
  node,
  recurring: { wanted, tasks, problem },
}: Round): Judgement<'RuntimeTasksHealthy'> {
  if (wanted === 0) {
    const unused = node.spec.snapshotGeneration
      ? ': snapshots stay on the volume, and snapshotGeneration.schedule has no effect without a destination'
      : ''
    return { reason: 'NotConfigured', message: `the spec asks for no recurring task${unused}` }
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
  const hasRun = tasks.some(({ lastResult }) => lastResult !== undefined)
  return hasRun
    ? { reason: 'Healthy', message: `the last run of every recurring task succeeded, or runs${where}` }
    : { reason: 'Waiting', message: 'no recurring task has come due yet' }
}
