/** The interface of the client of a node's `seictl serve`: `SidecarClient`. `http-client.ts` is its only implementation. */

export type TaskStatus = 'running' | 'completed' | 'failed'

/** A task as reported by the sidecar. An unknown status of a newer sidecar reads as `running`, so that polling continues. */
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
  /** The task's result; from v0.0.59 on, for some types only. */
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
 * One sidecar. Every call rejects with a `SidecarError` (errors.ts) whose `kind` decides what to do: `unavailable`
 * (no usable answer: wait), `busy` (409: wait), `rejected` (400: permanent).
 */
export interface SidecarClient {
  /** GET /v0/healthz: `ready` on 200, `not-ready` on 503. */
  health(signal?: AbortSignal): Promise<Health>
  /** GET /v0/tasks/{id}; undefined if the sidecar does not know the id (a JSON 404). */
  task(id: string, signal?: AbortSignal): Promise<TaskResult | undefined>
  /** GET /v0/tasks: newest first, at most 10 (before v0.0.25) or 100 entries. */
  tasks(signal?: AbortSignal): Promise<readonly TaskResult[]>
  /** POST /v0/tasks; resolves with the id under which the sidecar knows the task. */
  submit(request: TaskRequest, signal?: AbortSignal): Promise<string>
  /**
   * DELETE /v0/tasks/{id}; `gone` on 204, `unknown` if there is nothing to delete (a JSON 404). From v0.0.66 on this cancels a
   * running task. From v0.0.25 to v0.0.65 the task runs until the sidecar restarts and is not resumed.
   */
  forget(id: string, signal?: AbortSignal): Promise<'gone' | 'unknown'>
}

/** The address of a sidecar. */
export interface SidecarAddress {
  /** IP address, without brackets. */
  readonly host: string
  readonly port: number
  /** Identifies the pod, because addresses are reused: another pod's silence does not count for this one. */
  readonly containerID?: string
}

/** The address in messages. */
export function addressText({ host, port }: SidecarAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

export type SidecarDialer = (address: SidecarAddress) => SidecarClient
