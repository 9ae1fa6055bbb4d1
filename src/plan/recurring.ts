/**
 * Recurring tasks: which a node has, and the state machine of each: `recurringTasks`, `stepRecurring`, `recordRun`. Pure.
 *
 *     Waiting --slot due--> Running --completed / failed--> Waiting for the next slot
 *                              |
 *                              +--slot due: passed over; a run never starts beside another
 *
 * A slot that was missed runs once, late; several missed slots are one run.
 */
import type { RecurringTask } from '../api/seinode-status.ts'
import type { SeiNode } from '../api/seinode.ts'
import { MAX_TASK_ERROR } from '../api/limits.ts'
import { clip } from '../lib/clip.ts'
import { directoryPrefix } from '../lib/s3-uri.ts'
import { uuidV5 } from '../lib/uuid-v5.ts'
import type { PlatformConfig } from '../build/platform.ts'
import { nextSlot, scheduleProblem } from './schedule-slots.ts'
import type { RunOutcome } from './run-outcome.ts'

export interface WantedRecurring {
  readonly type: 'snapshot-upload' | 'result-export'
  /** The task that does one run and tells its result, for sidecars that know it: the one of `type` may never end there. */
  readonly once?: 'snapshot-upload-once'
  readonly schedule: string
  readonly params: Readonly<Record<string, unknown>>
}

/** In the order in which status lists them. */
export function recurringTasks({ spec }: SeiNode, platform: PlatformConfig): readonly WantedRecurring[] {
  const upload = spec.snapshotGeneration
  const results = spec.replayer?.resultExport
  const wanted: WantedRecurring[] = []
  if (upload?.destination) {
    const { bucket, prefix = '', region } = upload.destination.s3
    wanted.push({
      type: 'snapshot-upload',
      once: 'snapshot-upload-once',
      schedule: upload.schedule,
      params: { bucket, prefix: directoryPrefix(prefix), region },
    })
  }
  if (results) {
    const {
      bucket = platform.resultExportBucket,
      region = platform.resultExportRegion,
      prefix = `shadow-results/${spec.chainId}/`,
    } = results
    wanted.push({
      type: 'result-export',
      schedule: results.schedule,
      params: { bucket, prefix: directoryPrefix(prefix), region },
    })
  }
  return wanted
}

/** The schedules that nothing can run by, and why. */
export function scheduleProblems(wanted: readonly WantedRecurring[]): { readonly problem?: string } {
  const problems = wanted.flatMap(({ type, schedule }) => {
    const problem = scheduleProblem(schedule)
    return problem === undefined ? [] : [`${type}: ${problem}`]
  })
  return problems.length === 0 ? {} : { problem: problems.join('; ') }
}

export type RecurringStep =
  /** Nothing to do before `at`, milliseconds since the epoch. */
  | { readonly kind: 'wait'; readonly state: RecurringTask; readonly at: number }
  /** The sidecar is to be asked about the run under way. */
  | { readonly kind: 'poll'; readonly state: RecurringTask; readonly taskID: string }
  /** The slot is due: the task is to be submitted under this id. */
  | { readonly kind: 'submit'; readonly state: RecurringTask; readonly taskID: string; readonly slot: number }

/**
 * @param stored the task as status has it; undefined for one that is new
 * @param seed tells nodes apart: their UID
 * @param now milliseconds since the epoch
 * @throws RangeError where the schedule never comes due
 */
export function stepRecurring(
  wanted: WantedRecurring,
  stored: RecurringTask | undefined,
  seed: string,
  now: number,
): RecurringStep {
  const known = stored?.schedule === wanted.schedule ? stored.nextScheduleTime : undefined
  const due = known === undefined ? nextSlot(wanted.schedule, now, seed) : Date.parse(known)
  const running = stored?.lastResult?.status === 'Running' ? stored.taskID : undefined
  // A slot that comes while the last one runs is passed over, and status never shows a time that is past.
  const next = running !== undefined && due <= now ? nextSlot(wanted.schedule, now, seed) : due
  const { lastResult } = stored ?? {}
  const isPassedOver = next !== due
  const state: RecurringTask = {
    ...stored,
    // A run that outlasts its slot is no sign of the trouble that an earlier one had.
    ...(isPassedOver && lastResult ? { lastResult: withoutError(lastResult) } : {}),
    type: wanted.type,
    schedule: wanted.schedule,
    nextScheduleTime: rfc3339(next),
  }
  if (running !== undefined) return { kind: 'poll', state, taskID: running }
  if (due > now) return { kind: 'wait', state, at: due }
  return { kind: 'submit', state, taskID: runID(seed, wanted.type, due), slot: due }
}

function withoutError(last: NonNullable<RecurringTask['lastResult']>): NonNullable<RecurringTask['lastResult']> {
  const { error: _, ...rest } = last
  return rest
}

/** The state once the sidecar has the run: `taskID` is the id under which it knows it. */
export function recordRun(
  { schedule = '', ...state }: RecurringTask,
  taskID: string,
  slot: number,
  seed: string,
  now: number,
): RecurringTask {
  return {
    ...state,
    schedule,
    attempt: 1,
    taskID,
    lastScheduleTime: rfc3339(slot),
    nextScheduleTime: rfc3339(nextSlot(schedule, now, seed)),
    // When the last run ended, and its error, stay in sight until this one is over.
    lastResult: { ...state.lastResult, status: 'Running' },
  }
}

/** The state once the run is over; without `error` it succeeded. */
export function recordResult(state: RecurringTask, { error, message }: RunOutcome, now: number): RecurringTask {
  const told = message === undefined ? {} : { message: clip(message, MAX_TASK_ERROR) }
  const lastResult: RecurringTask['lastResult'] =
    error === undefined
      ? { status: 'Complete', completedAt: rfc3339(now), ...told }
      : { status: 'Failed', completedAt: rfc3339(now), error: clip(error, MAX_TASK_ERROR) }
  return { ...state, lastResult }
}

/** Of the run that `state` says is under way. */
export function currentRunID({ type, lastScheduleTime = '', attempt = 1 }: RecurringTask, nodeUID: string): string {
  const id = runID(nodeUID, type, Date.parse(lastScheduleTime))
  return attempt === 1 ? id : uuidV5(id, String(attempt))
}

/** The run again, after the sidecar stopped in the middle of it: under another id, since a failed one may be kept. */
export function nextAttempt(state: RecurringTask): RecurringTask {
  return { ...state, attempt: (state.attempt ?? 1) + 1 }
}

/** Of the run of one slot: the same whoever asks, so a run is found again after a crash. */
function runID(nodeUID: string, type: string, slot: number): string {
  return uuidV5(nodeUID, `${type}/${rfc3339(slot)}`)
}

function rfc3339(time: number): string {
  return new Date(time).toISOString()
}
