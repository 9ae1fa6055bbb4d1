/** Drives a node's plan against its sidecar until there is something to wait for: `runPlan`; finds a task that was sent before: `findSubmitted`, and `submitOnce` for recurring runs. */
import type { PlannedTask, TaskPlan } from '../../../api/seinode-status.ts'
import { isEqualJson } from '../../../lib/equal-json.ts'
import { findLostTask } from '../../../plan/lost-answer.ts'
import { taskID } from '../../../plan/task-id.ts'
import {
  advance,
  type AppliedConfig,
  currentTask,
  type CurrentTask,
  type TaskOutcome,
} from '../../../plan/task-plan.ts'
import type { SidecarClient, TaskRequest, TaskResult } from '../../../sidecar/client.ts'
import { SidecarError } from '../../../sidecar/errors.ts'

const FIRST_POLL_MS = 250
const SLOWEST_POLL_MS = 5_000

export type PlanWait =
  | { readonly kind: 'running'; readonly requeueAfterMs: number }
  /** 409: the sidecar runs something else and takes one task at a time. */
  | { readonly kind: 'busy'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string; readonly retryAfterMs?: number | undefined }
  /** The sidecar lost the task. It is submitted again after a pause: one that keeps losing it must not be flooded. */
  | { readonly kind: 'forgotten'; readonly message: string }
  /** The operator lacks something that the task needs, and has to ask for it again. */
  | { readonly kind: 'unresolved'; readonly message: string }
  /** The task may not be sent yet. */
  | { readonly kind: 'blocked'; readonly message: string }

export interface PlanRun {
  readonly plan: TaskPlan
  /** Absent when the plan is over. */
  readonly wait?: PlanWait
}

/** A submission without its id. */
export interface TaskBody extends Omit<TaskRequest, 'id'> {
  /** What it writes to the volume, for a config-apply. */
  readonly config?: AppliedConfig
  /** Of what it was made from, for a task whose parts of the spec may change later. */
  readonly specHash?: string
}

/** What follows when the sidecar refuses a submission for good. */
export type Refusal =
  | TaskOutcome
  /** Another task does the same work, and is sent under the same id. */
  | { readonly kind: 'instead'; readonly body: Omit<TaskRequest, 'id'> }
  | Extract<PlanWait, { kind: 'unresolved' }>

export interface PlanRunInput {
  readonly plan: TaskPlan & { readonly id: string }
  readonly sidecar: SidecarClient
  readonly cursor: PlanCursor
  /** The body of the task's submission from the spec as it is now, or why this operator cannot make one. */
  readonly requestFor: (type: string) => TaskBody | { readonly impossible: string }
  /** Why a task may not be sent yet; undefined where it may. */
  readonly blockFor: (type: string) => Promise<string | undefined>
  /** The sidecar refuses a submission for good (400). */
  readonly onRejected: (type: string, message: string) => Refusal | Promise<Refusal>
  /** What is to be remembered of a task that completed; the sidecar may have run another in the place of `planned`. */
  readonly noteFor: (result: TaskResult, planned: string) => string | undefined
  /** Task ids that the node's other plans account for. */
  readonly otherTaskIDs: Iterable<string>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/**
 * Submits and polls one task after another for as long as each is complete at once. No answer, 5xx and 409 never change
 * the plan: they are returned as `wait`. Rejects only when `signal` aborts.
 */
export async function runPlan(input: PlanRunInput): Promise<PlanRun> {
  let { plan }: { plan: TaskPlan } = input
  for (let current = currentTask(plan); current; current = currentTask(plan)) {
    let step: Step
    try {
      step = await takeStep(input, plan, current)
    } catch (error) {
      return { plan, wait: waitFor(error) }
    }
    if (step.outcome) {
      plan = advance(plan, step.outcome, new Date(input.now()).toISOString())
      noteUnsent(input, plan, current)
    }
    const wait = step.wait ?? pauseBeforeRetry(step.outcome, plan)
    if (wait) return { plan, wait }
  }
  return { plan }
}

interface Step {
  readonly outcome?: TaskOutcome
  readonly wait?: PlanWait
}

async function takeStep(input: PlanRunInput, plan: TaskPlan, current: CurrentTask): Promise<Step> {
  const { task } = current
  if (task.status === 'Submitted' && task.taskID !== undefined) {
    const result = await input.sidecar.task(task.taskID, input.signal)
    return result ? fromResult(result, task, input) : forgotten(task.taskID)
  }
  const body = input.requestFor(task.type)
  if ('impossible' in body) return { outcome: { kind: 'rejected', error: body.impossible } }
  const blocked = await input.blockFor(task.type)
  if (blocked !== undefined) return { wait: { kind: 'blocked', message: blocked } }
  const { config, specHash, ...rest } = body
  const sent = specHash === undefined ? {} : { specHash }
  const request = { id: taskID(input.plan.id, task.type, current.index, current.attempt), ...rest }
  const earlier = await findEarlier(input, plan, current, request)
  if (!earlier) return submit(input, current, request, { ...(config ? { config } : {}), ...sent })
  const isSame = isEqualJson(earlier.params ?? {}, request.params ?? {})
  return {
    outcome: { kind: 'accepted', taskID: earlier.id, ...(isSame ? { ...(config ? { config } : {}), ...sent } : {}) },
  }
}

/** An earlier submission whose answer was lost with a connection, or with the process that sent it. */
async function findEarlier(
  input: PlanRunInput,
  plan: TaskPlan,
  { index, attempt }: CurrentTask,
  request: TaskRequest,
): Promise<TaskResult | undefined> {
  if (input.cursor.isUnsent(input.plan.id, index, attempt)) return undefined
  const knownIDs = new Set([...plan.tasks.flatMap(task => task.taskID ?? []), ...input.otherTaskIDs])
  return findSubmitted(input.sidecar, request, knownIDs, input.signal)
}

async function submit(
  input: PlanRunInput,
  current: CurrentTask,
  request: TaskRequest,
  recorded: Pick<TaskBody, 'config' | 'specHash'> = {},
): Promise<Step> {
  input.cursor.markSent(input.plan.id, current.index, current.attempt)
  try {
    const id = await input.sidecar.submit(request, input.signal)
    return { outcome: { kind: 'accepted', taskID: id, ...recorded } }
  } catch (error) {
    if (!(error instanceof SidecarError)) throw error
    if (error.kind === 'rejected') return refused(input, current, request, error.detail)
    if (error.sent === 'no' || error.kind === 'busy') {
      input.cursor.markUnsent(input.plan.id, current.index, current.attempt)
    }
    throw error
  }
}

async function refused(
  input: PlanRunInput,
  current: CurrentTask,
  { id, type }: TaskRequest,
  message: string,
): Promise<Step> {
  input.cursor.markUnsent(input.plan.id, current.index, current.attempt)
  const refusal = await input.onRejected(type, message)
  if (refusal.kind === 'instead') return submit(input, current, { id, ...refusal.body })
  return refusal.kind === 'unresolved' ? { wait: refusal } : { outcome: refusal }
}

function noteUnsent(input: PlanRunInput, plan: TaskPlan, before: CurrentTask): void {
  const next = currentTask(plan)
  if (!next || (next.index === before.index && next.attempt === before.attempt)) return
  const {
    cursor,
    plan: { id },
  } = input
  if (cursor.isSent(id, before.index, before.attempt)) cursor.markUnsent(id, next.index, next.attempt)
}

function fromResult(result: TaskResult, { type, submittedAt }: PlannedTask, { now, noteFor }: PlanRunInput): Step {
  switch (result.status) {
    case 'running':
      return { wait: { kind: 'running', requeueAfterMs: pollDelay(submittedAt, now()) } }
    case 'completed': {
      const note = noteFor(result, type)
      return { outcome: { kind: 'completed', ...(note === undefined ? {} : { note }) } }
    }
    case 'failed':
      return { outcome: { kind: 'failed', error: result.error ?? 'the sidecar gave no reason' } }
  }
}

// A sidecar that is about to stop fails whatever it is sent.
function pauseBeforeRetry(outcome: TaskOutcome | undefined, plan: TaskPlan): PlanWait | undefined {
  if (outcome?.kind !== 'failed' || plan.phase !== 'Active') return undefined
  return { kind: 'forgotten', message: `the sidecar stopped in the middle of a task (${outcome.error})` }
}

// As long again as the task has run so far: the delays double without any count being kept.
function pollDelay(submittedAt: string | undefined, now: number): number {
  const elapsed = submittedAt === undefined ? 0 : now - Date.parse(submittedAt)
  return Math.min(Math.max(elapsed, FIRST_POLL_MS), SLOWEST_POLL_MS)
}

function forgotten(id: string): Step {
  return {
    outcome: { kind: 'forgotten' },
    wait: { kind: 'forgotten', message: `the sidecar no longer knows task ${id}; it will be submitted again` },
  }
}

export function waitFor(error: unknown): PlanWait {
  if (!(error instanceof SidecarError)) throw error
  const { message, retryAfterMs } = error
  return error.kind === 'busy' ? { kind: 'busy', message } : { kind: 'unreachable', message, retryAfterMs }
}

/**
 * Asks for the task by the id that would be sent, and sidecars that choose ids of their own for their list; submits only
 * where neither knows it.
 * @param knownIDs task ids that status accounts for
 * @returns the id under which the sidecar knows the task
 * @throws SidecarError
 */
export async function submitOnce(
  sidecar: SidecarClient,
  request: TaskRequest,
  knownIDs: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string> {
  const earlier = await findSubmitted(sidecar, request, knownIDs, signal)
  return earlier?.id ?? (await sidecar.submit(request, signal))
}

/** The task as the sidecar has it already, if it does. */
async function findSubmitted(
  sidecar: SidecarClient,
  request: TaskRequest,
  knownIDs: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<TaskResult | undefined> {
  const byID = await sidecar.task(request.id, signal)
  return byID ?? findLostTask(await sidecar.tasks(signal), request, knownIDs)
}

/**
 * Status is not written before every submission, so after a restart a Pending task may be running all the same. A cursor
 * is certain that nothing was sent only for a task that this process itself made current, by creating the plan or by
 * sending the task before it: whoever sent that one may have gone on to the next.
 */
export class PlanCursor {
  #unsent: string | undefined
  #sent: string | undefined

  /** The task is current now and nobody has sent it. */
  markUnsent(planID: string, index: number, attempt: number): void {
    this.#unsent = position(planID, index, attempt)
  }

  /** A submission is under way: until an answer is here, it may have been taken. */
  markSent(planID: string, index: number, attempt: number): void {
    this.#sent = position(planID, index, attempt)
    this.#unsent = undefined
  }

  isUnsent(planID: string, index: number, attempt: number): boolean {
    return this.#unsent === position(planID, index, attempt)
  }

  /** Whether the last task that this process sent is that one. */
  isSent(planID: string, index: number, attempt: number): boolean {
    return this.#sent === position(planID, index, attempt)
  }
}

function position(planID: string, index: number, attempt: number): string {
  return `${planID}/${index}/${attempt}`
}
