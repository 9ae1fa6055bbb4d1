/** A sidecar without a network, whose every call may go wrong: `MemorySidecar`. */
import { uuidV5 } from '../../../lib/uuid-v5.ts'
import type { Health, SidecarClient, TaskRequest, TaskResult } from '../../../sidecar/client.ts'
import { SidecarError, type SidecarErrorDetails } from '../../../sidecar/errors.ts'
import { PLAN_ID } from './objects.ts'

/** What sets the releases of the sidecar apart for whoever drives it. */
export interface Era {
  readonly title: string
  /** The id of a request is used, and recognised when it comes again. */
  readonly honoursIDs: boolean
  /** 409 while a task runs. */
  readonly oneAtATime: boolean
  /** Its tasks survive a restart. */
  readonly remembers: boolean
}

export const ERAS: readonly Era[] = [
  { title: 'v0.0.16 (one at a time, own ids)', honoursIDs: false, oneAtATime: true, remembers: false },
  { title: 'v0.0.20 (parallel, own ids)', honoursIDs: false, oneAtATime: false, remembers: false },
  { title: 'v0.0.22 (ids honoured, memory)', honoursIDs: true, oneAtATime: false, remembers: false },
  { title: 'v0.0.25 (ids honoured, database)', honoursIDs: true, oneAtATime: false, remembers: true },
]

/**
 * - `refused`: no connection, so nothing was carried out;
 * - `lost-request`: the connection broke before the request was read, which the caller cannot tell from
 * - `lost-answer`: carried out, and the connection broke.
 */
export type Fault = 'refused' | 'lost-request' | 'lost-answer'

export class MemorySidecar implements SidecarClient {
  /** Types of the tasks that were started, in order. */
  readonly executed: string[] = []
  /** The most that ran at once. */
  mostAtOnce = 0
  /** Tasks complete as soon as they are started. */
  instant = true
  ready = false
  /** What a task of that type fails with. */
  readonly failures = new Map<string, string>()
  /** Met by the next calls, one each; undefined: none. */
  readonly faults: (Fault | undefined)[] = []
  readonly #era: Era
  #tasks: TaskResult[] = []
  #serial = 0

  constructor(era: Era) {
    this.#era = era
  }

  health(): Promise<Health> {
    return this.#call(() => (this.ready ? 'ready' : 'not-ready'))
  }

  task(id: string): Promise<TaskResult | undefined> {
    return this.#call(() => this.#tasks.find(task => task.id === id))
  }

  tasks(): Promise<readonly TaskResult[]> {
    return this.#call(() => this.#tasks.slice(0, 10))
  }

  submit(request: TaskRequest): Promise<string> {
    return this.#call(() => this.#accept(request))
  }

  forget(id: string): Promise<'gone' | 'unknown'> {
    return this.#call(() => {
      const isKnown = this.#tasks.some(task => task.id === id)
      this.#tasks = this.#tasks.filter(task => task.id !== id)
      return isKnown ? 'gone' : 'unknown'
    })
  }

  /** What runs is over. */
  finish(): void {
    this.#tasks = this.#tasks.map(task => (task.status === 'running' ? this.#ended(task) : task))
  }

  /** The process starts anew: not ready, and with its tasks only where they are on the volume. */
  restart(): void {
    this.ready = false
    if (!this.#era.remembers) this.#tasks = []
  }

  #accept({ id, type, params }: TaskRequest): string {
    const { honoursIDs, oneAtATime } = this.#era
    if (honoursIDs && id.length !== 36) {
      throw failure({ kind: 'rejected', sent: 'no', detail: `task ID must be a valid UUID: "${id}"` })
    }
    if (honoursIDs && this.#tasks.some(task => task.id === id)) return id
    const running = this.#tasks.filter(task => task.status === 'running').length
    if (oneAtATime && running > 0) throw failure({ kind: 'busy', sent: 'no', detail: 'a task is already running' })
    this.mostAtOnce = Math.max(this.mostAtOnce, running + 1)
    this.executed.push(type)
    this.#serial += 1
    const task: TaskResult = {
      id: honoursIDs ? id : serverChosen(this.#serial),
      type,
      status: 'running',
      ...(params && { params }),
    }
    this.#tasks.unshift(task)
    if (this.instant) this.finish()
    return task.id
  }

  #ended(task: TaskResult): TaskResult {
    const error = this.failures.get(task.type)
    if (error !== undefined) return { ...task, status: 'failed', error }
    if (task.type === 'mark-ready') this.ready = true
    return { ...task, status: 'completed' }
  }

  #call<T>(act: () => T): Promise<T> {
    const fault = this.faults.shift()
    return new Promise((resolve, reject) => {
      if (fault === 'refused') reject(failure({ kind: 'unavailable', sent: 'no', detail: 'refused' }))
      if (fault === 'lost-request') reject(failure({ kind: 'unavailable', sent: 'unknown', detail: 'reset' }))
      if (fault === 'refused' || fault === 'lost-request') return
      const answer = act()
      if (fault === 'lost-answer') reject(failure({ kind: 'unavailable', sent: 'unknown', detail: 'reset' }))
      else resolve(answer)
    })
  }
}

export function failure(details: SidecarErrorDetails): SidecarError {
  return new SidecarError(`sidecar: ${details.detail}`, details)
}

/** A UUID of version 4, as a sidecar makes them, though not a random one. */
function serverChosen(serial: number): string {
  const id = uuidV5(PLAN_ID, `server/${serial}`)
  return `${id.slice(0, 14)}4${id.slice(15)}`
}
