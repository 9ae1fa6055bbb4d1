/** Runs the recurring tasks of a node that are due, by the task that the sidecar's release has for each: `runRecurring`. */
import type { RecurringTask } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { ignoredDestination } from '../../../plan/ignored-location.ts'
import {
  currentRunID,
  nextAttempt,
  recordResult,
  recordRun,
  recurringTasks,
  scheduleProblems,
  stepRecurring,
  type WantedRecurring,
} from '../../../plan/recurring.ts'
import { type RunOutcome, runOutcome } from '../../../plan/run-outcome.ts'
import { scheduleProblem } from '../../../plan/schedule-slots.ts'
import { accountedTaskIDs, isShutdownArtefact } from '../../../plan/task-plan.ts'
import type { SidecarClient, TaskResult } from '../../../sidecar/client.ts'
import { SidecarError } from '../../../sidecar/errors.ts'
import { type Requeue, soonest } from '../../shared/requeue.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { RecurringFindings } from '../observation.ts'
import { submitOnce } from './plan-runner.ts'

const FIRST_POLL_MS = 1_000
const SLOWEST_POLL_MS = 60_000
/** A run that the sidecar breaks off time and again has another trouble. */
const MOST_ATTEMPTS = 6
const UNREACHABLE_MAX_MS = 30_000
/** Timers hold no more than 24 days. */
const LONGEST_WAIT_MS = 86_400_000

export interface RecurringSync extends RecurringFindings {
  readonly requeue?: Requeue
}

/** For a node whose bootstrap is complete and whose sidecar is ready. Rejects only when `signal` aborts. */
export async function runRecurring(
  node: Readonly<SeiNode>,
  sidecar: SidecarClient,
  { platform, clock }: Pick<NodeDependencies, 'platform' | 'clock'>,
  signal: AbortSignal,
): Promise<RecurringSync> {
  const all = recurringTasks(node, platform)
  const tasks: RecurringTask[] = []
  let requeue: Requeue | undefined
  for (const wanted of all) {
    const stored = node.status?.recurringTasks?.find(({ type }) => type === wanted.type)
    if (scheduleProblem(wanted.schedule) !== undefined) {
      tasks.push(...(stored ? [stored] : []))
      continue
    }
    const run = await new RecurringRun(node, wanted, sidecar, () => clock.now(), signal).go(stored)
    tasks.push(run.state)
    requeue = soonest(requeue, run.requeue)
  }
  return { wanted: all.length, tasks, ...scheduleProblems(all), ...(requeue === undefined ? {} : { requeue }) }
}

class RecurringRun {
  readonly #node: Readonly<SeiNode>
  readonly #wanted: WantedRecurring
  readonly #sidecar: SidecarClient
  readonly #now: () => number
  readonly #signal: AbortSignal

  constructor(
    node: Readonly<SeiNode>,
    wanted: WantedRecurring,
    sidecar: SidecarClient,
    now: () => number,
    signal: AbortSignal,
  ) {
    this.#node = node
    this.#wanted = wanted
    this.#sidecar = sidecar
    this.#now = now
    this.#signal = signal
  }

  get #seed(): string {
    return this.#node.metadata.uid ?? ''
  }

  async go(stored: RecurringTask | undefined): Promise<{ state: RecurringTask; requeue: Requeue }> {
    const step = stepRecurring(this.#wanted, stored, this.#seed, this.#now())
    try {
      switch (step.kind) {
        case 'wait':
          return { state: step.state, requeue: this.#until(step.at) }
        case 'poll':
          return await this.#poll(step.state, step.taskID)
        case 'submit': {
          const taskID = await this.#submit(step.taskID)
          return await this.#poll(recordRun(step.state, taskID, step.slot, this.#seed, this.#now()), taskID)
        }
      }
    } catch (error) {
      if (!(error instanceof SidecarError)) throw error
      if (error.kind !== 'rejected' || step.kind === 'wait') {
        const { retryAfterMs } = error
        const requeue =
          retryAfterMs === undefined ? { backoffMaxMs: UNREACHABLE_MAX_MS } : { requeueAfterMs: retryAfterMs }
        return { state: step.state, requeue }
      }
      const refused =
        step.kind === 'submit' ? recordRun(step.state, step.taskID, step.slot, this.#seed, this.#now()) : step.state
      return this.#over(refused, { error: error.detail })
    }
  }

  async #poll(state: RecurringTask, taskID: string): Promise<{ state: RecurringTask; requeue: Requeue }> {
    const result = await this.#sidecar.task(taskID, this.#signal)
    // The sidecar lost the run with its memory.
    if (!result) return this.#resend(state)
    const noted = this.#noted(state, result)
    switch (result.status) {
      case 'running':
        return { state: noted, requeue: this.#pollAgain(noted) }
      case 'completed':
      case 'failed': {
        const outcome = runOutcome({ ...result, status: result.status })
        const isArtefact = isShutdownArtefact(outcome.error ?? '') && (state.attempt ?? 1) < MOST_ATTEMPTS
        return isArtefact ? this.#resend(nextAttempt(noted)) : this.#over(noted, outcome)
      }
    }
  }

  /** The run of the same slot, once more. */
  async #resend(state: RecurringTask): Promise<{ state: RecurringTask; requeue: Requeue }> {
    const taskID = await this.#submit(currentRunID(state, this.#seed))
    return { state: { ...state, taskID }, requeue: { requeueAfterMs: FIRST_POLL_MS } }
  }

  // Sidecars that count runs take the place from their environment.
  #noted(state: RecurringTask, { type, run, status }: TaskResult): RecurringTask {
    const { note: _, resultUnknown: _unknown, ...rest } = state
    const note = run === undefined ? undefined : ignoredDestination(this.#wanted.type, this.#node)
    const mayBeEndless = status === 'running' && this.#wanted.once !== undefined && type !== this.#wanted.once
    return {
      ...rest,
      ...(note === undefined ? {} : { note }),
      ...(mayBeEndless ? { resultUnknown: true } : {}),
    }
  }

  #over(running: RecurringTask, outcome: RunOutcome): { state: RecurringTask; requeue: Requeue } {
    const state = recordResult(running, outcome, this.#now())
    return { state, requeue: this.#until(Date.parse(state.nextScheduleTime ?? '')) }
  }

  async #submit(id: string): Promise<string> {
    return submitRun(this.#sidecar, this.#wanted, id, accountedTaskIDs(this.#node.status), this.#signal)
  }

  // Newer sidecars upload for as long as they live: what runs for long is asked about seldom.
  #pollAgain({ lastScheduleTime = '', nextScheduleTime = '' }: RecurringTask): Requeue {
    const elapsed = this.#now() - Date.parse(lastScheduleTime)
    const delay = Math.min(Math.max(elapsed / 2, FIRST_POLL_MS), SLOWEST_POLL_MS)
    return { requeueAfterMs: Math.min(delay, Math.max(Date.parse(nextScheduleTime) - this.#now(), FIRST_POLL_MS)) }
  }

  #until(time: number): Requeue {
    return { requeueAfterMs: Math.min(Math.max(time - this.#now(), 0), LONGEST_WAIT_MS) }
  }
}

/**
 * A run that is under way is taken for the new one: one without end, which newer sidecars take up again after a restart,
 * may be that of a node before this one.
 * @param knownIDs task ids that status accounts for
 * @returns the id under which the sidecar knows the run
 * @throws SidecarError
 */
async function submitRun(
  sidecar: SidecarClient,
  { type, once, params }: WantedRecurring,
  id: string,
  knownIDs: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string> {
  const listed = await sidecar.tasks(signal)
  const running = listed.find(task => task.status === 'running' && (task.type === type || task.type === once))
  if (running) return running.id
  const submit = (each: string): Promise<string> => submitOnce(sidecar, { id, type: each, params }, knownIDs, signal)
  if (once === undefined) return submit(type)
  try {
    return await submit(once)
  } catch (error) {
    if (!isUnknownType(error)) throw error
    return submit(type)
  }
}

/** No UUID. Sidecars look up the type of a task before they refuse its id. */
const REFUSED_ID = 'none'

/**
 * For types that only sidecars have which honour ids (from v0.0.22 on): an older one would run a task that it knows.
 * @throws SidecarError where the sidecar does not answer
 */
export async function knowsTask(sidecar: SidecarClient, type: string, signal: AbortSignal): Promise<boolean> {
  try {
    await sidecar.submit({ id: REFUSED_ID, type }, signal)
    return true
  } catch (error) {
    if (error instanceof SidecarError && error.kind === 'rejected') return !isUnknownType(error)
    throw error
  }
}

/** The sidecar's release does not have the task that was submitted. */
function isUnknownType(error: unknown): error is SidecarError {
  return error instanceof SidecarError && error.kind === 'rejected' && error.detail.startsWith('unknown task type')
}
