/** Runs tasks as one release of seictl does: `Engine` accepts, deduplicates, executes, remembers, deletes and, after a restart, resumes them. */
import { randomUUID } from 'node:crypto'

import { sleep } from '../../../src/runtime/clock.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import type { SidecarEnvironment } from './environment.ts'
import type { Home } from './home.ts'
import type { Profile } from './profile.ts'
import { readSubmission } from './submission.ts'
import type { Submission } from './submission.ts'
import { TaskTable } from './task-table.ts'
import type { Params, TaskRecord } from './task-table.ts'
import { handlerOf } from './tasks/index.ts'
import { FailedWithResult, messageOf } from './tasks/task.ts'
import type { TaskContext, TaskHandler } from './tasks/task.ts'
import type { World } from './world.ts'

/** A handler that was really started. */
export interface Execution {
  readonly id: string
  readonly type: string
  readonly params: Params
  /** 1, or more where a failed id was submitted again. */
  readonly run: number
  /** Epoch milliseconds. */
  readonly startedAt: number
}

/** What one execution does besides its real work: take time, wait for a promise, then fail instead of working. */
export interface Behaviour {
  readonly durationMs?: number
  readonly block?: Promise<unknown>
  readonly fail?: string
}

/** `attempt` counts the executions of this type by this process, from 1. Undefined = at once, for real. */
export type TaskBehaviour = (type: string, params: Params, attempt: number) => Behaviour | undefined

export interface EngineOptions {
  readonly profile: Profile
  readonly home: Home
  readonly environment: SidecarEnvironment
  readonly world: World
  readonly clock: Clock
  /** How long the lock of v0.0.16 and v0.0.17 outlives a task that already reads completed. */
  readonly lockWindowMs: number
  readonly behaviour: TaskBehaviour
  readonly onExecution: (execution: Execution) => void
  readonly onReadyChange: (ready: boolean) => void
}

export interface Accepted {
  readonly status: number
  readonly id: string
}

export class Engine {
  readonly #options: EngineOptions
  readonly #table: TaskTable
  /** By id: what cancels the running execution. */
  readonly #running = new Map<string, AbortController>()
  readonly #attempts = new Map<string, number>()
  #isLocked = false
  #ready = false
  #ticks = 0
  #stopped = false

  constructor(options: EngineOptions) {
    const { profile, home } = options
    this.#options = options
    this.#table = new TaskTable(profile.store === 'database' ? home : undefined)
    for (const row of this.#table.running()) this.#begin(row)
  }

  get ready(): boolean {
    return this.#ready
  }

  /** `busy` where one task runs already and the release runs one at a time; throws `BadRequest`. */
  submit(text: string): Accepted | 'busy' {
    const { profile } = this.#options
    const submission = readSubmission(text, profile)
    const known = submission.id === undefined ? undefined : this.#table.get(submission.id)
    if (known !== undefined && !(known.status === 'failed' && profile.repeatsFailed)) {
      return { status: 201, id: known.id }
    }
    if (profile.oneAtATime && this.#isLocked) return 'busy'
    const record = this.#newRecord(submission, known)
    this.#table.put(record)
    this.#begin(record)
    return { status: profile.oneAtATime ? 202 : 201, id: record.id }
  }

  get(id: string): TaskRecord | undefined {
    return this.#table.get(id)
  }

  list(): readonly TaskRecord[] {
    return this.#table.list()
  }

  /** False where there is nothing to delete. */
  delete(id: string): boolean {
    if (this.#table.get(id) === undefined) return false
    const running = this.#running.get(id)
    if (running !== undefined) {
      const { deleteRunning } = this.#options.profile
      if (deleteRunning === 'refused') return false
      if (deleteRunning === 'cancels') {
        this.#running.delete(id)
        running.abort(new Error('context canceled'))
      }
    }
    this.#table.delete(id)
    return true
  }

  /** The process ends: nothing is written any more, so running rows stay as they are. */
  stop(): void {
    this.#stopped = true
    for (const controller of this.#running.values()) controller.abort(new Error('context canceled'))
  }

  /** As a release that saves a running task as failed when SIGTERM reaches it first (seen from v0.0.25 to v0.0.60). */
  failRunning(): void {
    for (const id of this.#running.keys()) {
      const record = this.#table.get(id)
      if (record !== undefined) this.#finish(record, { error: `${record.type}: context canceled` })
    }
  }

  #newRecord({ id, type, params }: Submission, failed: TaskRecord | undefined): TaskRecord {
    return {
      id: id ?? randomUUID(),
      // A failed id keeps its type and runs with the new parameters.
      type: failed?.type ?? type,
      status: 'running',
      run: (failed?.run ?? 0) + 1,
      submittedAt: this.#stamp(),
      ...(params && { params }),
    }
  }

  /** The recorded type decides what runs. A later release may not support it. */
  #begin(record: TaskRecord): void {
    const handler = handlerOf(record.type, this.#options.profile)
    if (handler === undefined) this.#finish(record, { error: 'no handler registered for task type' })
    else this.#start(record, handler)
  }

  #start(record: TaskRecord, handler: TaskHandler): void {
    const { clock, onExecution } = this.#options
    const controller = new AbortController()
    this.#running.set(record.id, controller)
    this.#isLocked = true
    const { id, type, run, params = {} } = record
    onExecution({ id, type, params, run, startedAt: clock.now() })
    void this.#execute(type, params, handler, controller.signal).then(outcome => {
      // A stopped process writes nothing, and a cancelled task was forgotten.
      if (!this.#stopped && this.#running.get(id) === controller) this.#finish(record, outcome)
      return undefined
    })
  }

  async #execute(type: string, params: Params, handler: TaskHandler, signal: AbortSignal): Promise<Outcome> {
    const attempt = (this.#attempts.get(type) ?? 0) + 1
    this.#attempts.set(type, attempt)
    const context: TaskContext = { ...this.#options, sleep: ms => sleep(ms, signal, this.#options.clock) }
    try {
      const behaviour = this.#options.behaviour(type, params, attempt)
      if (behaviour?.durationMs !== undefined && behaviour.durationMs > 0) await context.sleep(behaviour.durationMs)
      if (behaviour?.block !== undefined) await behaviour.block
      signal.throwIfAborted()
      if (behaviour?.fail !== undefined) return { error: behaviour.fail }
      return { result: await handler(params, context) }
    } catch (error) {
      return { error: messageOf(error), ...(error instanceof FailedWithResult && { result: error.result }) }
    }
  }

  #finish(record: TaskRecord, outcome: Outcome): void {
    const { clock, lockWindowMs, onReadyChange } = this.#options
    this.#running.delete(record.id)
    const failed = 'error' in outcome
    const ended = failed ? { status: 'failed' as const, error: outcome.error } : { status: 'completed' as const }
    const result = outcome.result === undefined ? {} : { result: outcome.result }
    this.#table.put({ ...record, ...ended, ...result, completedAt: this.#stamp() })
    if (!failed && record.type === 'mark-ready') {
      this.#ready = true
      onReadyChange(true)
    }
    if (lockWindowMs > 0) clock.setTimeout(() => (this.#isLocked = false), lockWindowMs)
    else this.#isLocked = false
  }

  /** RFC 3339: the milliseconds of the clock, then a counter, so that no two stamps of one sidecar are equal. */
  #stamp(): string {
    const milliseconds = new Date(this.#options.clock.now()).toISOString().slice(0, -1)
    return `${milliseconds}${String(this.#ticks++ % 1_000_000).padStart(6, '0')}Z`
  }
}

type Outcome = { readonly error: string; readonly result?: unknown } | { readonly result: unknown }
