/** What the operator asks of one node's `seictl serve`: `SidecarClient` is the whole surface; `http-client.ts` is the one implementation. */

export type TaskStatus = 'running' | 'completed' | 'failed'

/** A task as the sidecar reports it. An unknown status from a newer sidecar reads as `running`: keep polling. */
export interface TaskResult {
  readonly id: string
  readonly type: string
  readonly status: TaskStatus
  readonly params?: Readonly<Record<string, unknown>>
  /** Present when the task failed. */
  readonly error?: string
  readonly submittedAt?: string
  readonly completedAt?: string
  /** Executions of this id so far; from v0.0.31 on. */
  readonly run?: number
  /** What the task tells of its work; from v0.0.59 on, and of some types only. */
  readonly result?: Readonly<Record<string, unknown>>
}

export interface TaskRequest {
  /** Lower-case UUID; sidecars before v0.0.22 ignore it and answer with an id of their own. */
  readonly id: string
  readonly type: string
  readonly params?: Readonly<Record<string, unknown>>
}

export type Health = 'ready' | 'not-ready'

/**
 * One sidecar. Every call rejects with a `SidecarError` (errors.ts) whose `kind` says what follows: `unavailable`
 * (no usable answer: wait), `busy` (409: wait), `rejected` (400: permanent).
 */
export interface SidecarClient {
  /** GET /v0/healthz: `ready` on 200, `not-ready` on 503. */
  health(signal?: AbortSignal): Promise<Health>
  /** GET /v0/tasks/{id}; undefined when the sidecar does not know the id (a JSON 404). */
  task(id: string, signal?: AbortSignal): Promise<TaskResult | undefined>
  /** GET /v0/tasks: newest first, at most 10 (before v0.0.25) or 100 entries. */
  tasks(signal?: AbortSignal): Promise<readonly TaskResult[]>
  /** POST /v0/tasks; resolves with the id under which the sidecar knows the task. */
  submit(request: TaskRequest, signal?: AbortSignal): Promise<string>
  /**
   * DELETE /v0/tasks/{id}; `gone` on 204, `unknown` where there is nothing to delete (a JSON 404). From v0.0.66 on a
   * running task is cancelled; before, from v0.0.25 on, it runs on until the sidecar restarts, and is not taken up again.
   */
  forget(id: string, signal?: AbortSignal): Promise<'gone' | 'unknown'>
}

/** Where a sidecar listens. */
export interface SidecarAddress {
  /** IP address, without brackets. */
  readonly host: string
  readonly port: number
  /** What listens there: addresses are used again. Its silence is its own. */
  readonly containerID?: string
}

/** As it reads in messages. */
export function addressText({ host, port }: SidecarAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

export type SidecarDialer = (address: SidecarAddress) => SidecarClient
