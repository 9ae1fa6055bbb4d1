/**
 * The state machine of a plan: `advance` derives the next plan from the stored one and the event of its current task. Pure.
 *
 *     Pending --accepted--> Submitted --completed--> Complete (the next task is current; after the last, plan Complete)
 *        ^                     |  |
 *        +------forgotten------+  +------failed----> Failed (plan Failed)
 *        ^                                            |
 *        +------------retried or resumed--------------+
 *
 * `rejected` fails a task that was never accepted. Nothing else (no answer, busy, still running) changes a plan.
 */
import type { PlannedTask, SeiNodeStatus, TaskPlan } from '../api/seinode-status.ts'
import { MAX_OVERRIDE_KEYS, MAX_RETRY_TOKEN, MAX_TASK_ERROR } from '../api/limits.ts'
import { assertNever } from '../lib/assert-never.ts'
import { clip } from '../lib/clip.ts'
import { unended } from '../lib/unended.ts'
import { stableHash } from '../lib/stable-hash.ts'
import { readableError } from './readable-error.ts'

/** The configuration that a config-apply writes to the volume. */
export type AppliedConfig = NonNullable<SeiNodeStatus['appliedConfig']>

/** The sidecar's report on the current task. */
export type TaskOutcome =
  | { readonly kind: 'accepted'; readonly taskID: string; readonly config?: AppliedConfig; readonly specHash?: string }
  | { readonly kind: 'completed'; readonly note?: string }
  | { readonly kind: 'failed'; readonly error: string }
  /** The sidecar does not know the id: it lost its task list in a restart, or has another volume. */
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'rejected'; readonly error: string }

export interface CurrentTask {
  readonly index: number
  readonly attempt: number
  readonly task: PlannedTask
}

/** @param volumeUID UID of the claim that the plan initialises */
export function newPlan(types: readonly string[], volumeUID: string): TaskPlan {
  return { phase: 'Active', volumeUID, tasks: types.map(type => ({ type, status: 'Pending' })) }
}

/** When a task of the plan was last seen to be over, milliseconds since the epoch; 0 if none was. */
export function lastEndOf({ tasks }: Pick<TaskPlan, 'tasks'> = { tasks: [] }): number {
  return Math.max(0, ...tasks.map(({ completedAt = '' }) => Date.parse(completedAt) || 0))
}

/** The first task that is not complete; undefined when the plan is over. */
export function currentTask(plan: TaskPlan): CurrentTask | undefined {
  if (plan.phase !== 'Active') return undefined
  const index = plan.tasks.findIndex(task => task.status !== 'Complete')
  const task = plan.tasks[index]
  return task && { index, task, attempt: task.attempt ?? 1 }
}

/** @param now RFC 3339 */
export function advance(plan: TaskPlan, outcome: TaskOutcome, now: string): TaskPlan {
  const current = currentTask(plan)
  if (!current) return plan
  const { index, task, attempt } = current
  switch (outcome.kind) {
    case 'accepted': {
      const { taskID, config, specHash } = outcome
      const sent = specHash === undefined ? {} : { specHash }
      const submitted = { type: task.type, status: 'Submitted' as const, taskID, attempt, submittedAt: now, ...sent }
      if (!config) return withTask(plan, index, submitted)
      // Until the plan ends, the volume may hold keys of this plan and of earlier ones.
      const either = [...new Set([...(plan.overrideKeys ?? []), ...config.overrideKeys])].slice(0, MAX_OVERRIDE_KEYS)
      const next = withTask(plan, index, { ...submitted, overrideKeys: config.overrideKeys })
      return { ...next, configHash: config.hash, overrideKeys: either }
    }
    case 'completed': {
      const { error: _, overrideKeys, ...rest } = task
      const note = outcome.note === undefined ? {} : { note: clip(outcome.note, MAX_TASK_ERROR) }
      const next = withTask(plan, index, { ...rest, attempt, status: 'Complete', completedAt: now, ...note })
      const known = overrideKeys ? { ...next, overrideKeys } : next
      return index === plan.tasks.length - 1 ? { ...known, phase: 'Complete' } : known
    }
    case 'failed':
      return isShutdownArtefact(outcome.error) && attempt < MOST_SHUTDOWNS
        ? withTask(plan, index, { ...task, status: 'Pending', attempt: attempt + 1 })
        : failed(plan, index, task, outcome.error, now)
    case 'rejected':
      return failed(plan, index, task, outcome.error, now)
    case 'forgotten':
      return withTask(plan, index, { ...task, status: 'Pending', attempt })
    default:
      return assertNever(outcome)
  }
}

/**
 * Resumes the plan at its failed task with a new attempt. Unchanged if `token` is already handled or no task failed.
 * Earlier tasks are not repeated: config-apply would erase what later tasks wrote, and those skip a second run.
 * @param annotation value of the retry annotation
 */
export function retryPlan(plan: TaskPlan, annotation: string): TaskPlan {
  const token = retryToken(annotation)
  if (plan.retryHandled === token) return plan
  if (plan.phase !== 'Failed') return { ...plan, retryHandled: token }
  return { ...resumed(plan), retryHandled: token }
}

/** Resumes the failed plan at its failed task with a new attempt. */
export function resumed(plan: TaskPlan): TaskPlan {
  const tasks = plan.tasks.map((task): PlannedTask => {
    if (task.status !== 'Failed') return task
    const { error: _error, completedAt: _completedAt, submittedAt: _submittedAt, ...rest } = task
    return { ...rest, status: 'Pending', attempt: (task.attempt ?? 1) + 1 }
  })
  return { ...plan, phase: 'Active', tasks }
}

/** The part of the retry annotation's value that status keeps. */
export function retryToken(annotation: string): string {
  return annotation.length > MAX_RETRY_TOKEN ? stableHash(annotation) : annotation
}

/** The task that failed the plan. */
export function failedTask(plan: TaskPlan): PlannedTask | undefined {
  return plan.tasks.find(task => task.status === 'Failed')
}

/** Distinguishes attempts, so that the event recorder does not drop the second failure as a repetition of the first. */
export function failureText({ type, attempt = 1, error = 'no reason was given' }: PlannedTask): string {
  return `task ${type} failed${attempt > 1 ? ` at attempt ${attempt}` : ''}: ${unended(readableError(error))}`
}

/** The sidecar's ids of all tasks in a status. */
export function accountedTaskIDs(status: SeiNodeStatus | undefined): ReadonlySet<string> {
  const tasks = [
    ...(status?.initPlan?.tasks ?? []),
    ...(status?.updatePlan?.tasks ?? []),
    ...(status?.recurringTasks ?? []),
  ]
  return new Set(tasks.flatMap(({ taskID }) => taskID ?? []))
}

/** The hash of the configuration that a complete plan applied; a hash that no spec has if the plan recorded none. */
export function appliedConfigOf({ configHash = '', overrideKeys = [] }: TaskPlan): AppliedConfig {
  return { hash: configHash, overrideKeys }
}

/** The number of complete tasks. */
export function completedCount(plan: TaskPlan): number {
  return plan.tasks.filter(task => task.status === 'Complete').length
}

/** After this many interruptions in a row the cause is another one. */
const MOST_SHUTDOWNS = 6

/** Sidecars from v0.0.25 to v0.0.60 may record a task as failed because the sidecar itself was stopped. */
export function isShutdownArtefact(error: string): boolean {
  return error.includes('context canceled')
}

function failed(plan: TaskPlan, index: number, task: PlannedTask, error: string, now: string): TaskPlan {
  const attempt = task.attempt ?? 1
  const text = clip(error, MAX_TASK_ERROR)
  return {
    ...withTask(plan, index, { ...task, attempt, status: 'Failed', error: text, completedAt: now }),
    phase: 'Failed',
  }
}

function withTask(plan: TaskPlan, index: number, task: PlannedTask): TaskPlan {
  return { ...plan, tasks: plan.tasks.with(index, task) }
}
