/**
 * A node's recurring tasks and the state machine of each: `recurringTasks`, `stepRecurring`, `recordRun`. Pure.
 *
 *     Waiting --slot due--> Running --completed / failed--> Waiting for the next slot
 *                              |
 *                              +--slot due: skipped; two runs never overlap
 *
 * A missed slot runs late, once; several missed slots cause one run. A slot that comes due while status says Running is
 * skipped, even if the run ended while no operator ran.
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

export const RECURRING_TYPES = ['snapshot-upload', 'result-export'] as const

export interface WantedRecurring {
  readonly type: (typeof RECURRING_TYPES)[number]
  /** The one-shot task that reports its result, for sidecars that have it: there the task of `type` may never end. */
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

/** The schedules that never come due, with the reason. */
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
  /** A run is in progress: query the sidecar. */
  | { readonly kind: 'poll'; readonly state: RecurringTask; readonly taskID: string }
  /** The slot is due: submit the task under this id. */
  | { readonly kind: 'submit'; readonly state: RecurringTask; readonly taskID: string; readonly slot: number }

/**
 * @param stored the task in status; undefined for a new one
 * @param seed the node's UID, from which its jitter derives
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
  // A slot that comes due during a run is skipped, and status never shows a time in the past.
  const next = running !== undefined && due <= now ? nextSlot(wanted.schedule, now, seed) : due
  const { lastResult } = stored ?? {}
  const isPassedOver = next !== due
  const state: RecurringTask = {
    ...stored,
    // The error of an earlier run says nothing about one that outlasts its slot.
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

/** The state after the sidecar accepted the run as the task `taskID`. */
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
    // The end and the error of the last run stay in status until this run ends.
    lastResult: { ...state.lastResult, status: 'Running' },
  }
}

/** The state after the run ended; without `error` it succeeded. */
export function recordResult(state: RecurringTask, { error, message }: RunOutcome, now: number): RecurringTask {
  const reported = message === undefined ? {} : { message: clip(message, MAX_TASK_ERROR) }
  const lastResult: RecurringTask['lastResult'] =
    error === undefined
      ? { status: 'Complete', completedAt: rfc3339(now), ...reported }
      : { status: 'Failed', completedAt: rfc3339(now), error: clip(error, MAX_TASK_ERROR) }
  return { ...state, lastResult }
}

/** The task id of the run in progress. */
export function currentRunID({ type, lastScheduleTime = '', attempt = 1 }: RecurringTask, nodeUID: string): string {
  const id = runID(nodeUID, type, Date.parse(lastScheduleTime))
  return attempt === 1 ? id : uuidV5(id, String(attempt))
}

/** Repeats a run that a stop of the sidecar interrupted. It gets another id, because the sidecar may keep the failed task. */
export function nextAttempt(state: RecurringTask): RecurringTask {
  return { ...state, attempt: (state.attempt ?? 1) + 1 }
}

/** The task id of a slot's run. It is deterministic, so a run is found after a crash. */
function runID(nodeUID: string, type: string, slot: number): string {
  return uuidV5(nodeUID, `${type}/${rfc3339(slot)}`)
}

function rfc3339(time: number): string {
  return new Date(time).toISOString()
}
