/** The state of one container as observed by its node: `ContainerRecord` and its pure transitions. */

/** How one run of a container ended. Times are epoch milliseconds. */
export interface ContainerExit {
  /** Counts from 0, as restartCount did during that run. */
  readonly run: number
  readonly exitCode: number
  readonly message?: string
  readonly startedAt: number
  readonly finishedAt: number
}

/** The first two will start; the others wait for their image. */
export type WaitReason = 'PodInitializing' | 'ContainerCreating' | 'ErrImagePull' | 'ImagePullBackOff'

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: WaitReason }
  /** `started`: the startup probe succeeded; `ready`: the readiness probe does; `ready` implies `started`. */
  | { readonly kind: 'running'; readonly startedAt: number; readonly started: boolean; readonly ready: boolean }
  /** A restart is not before `restartAt`. */
  | { readonly kind: 'terminated'; readonly exit: ContainerExit; readonly restartAt: number }

export interface ContainerRecord {
  readonly state: ContainerState
  readonly restartCount: number
  /** The run before the one in `state`. */
  readonly lastExit?: ContainerExit
  /** The backoff of a restart after the next exit, milliseconds; 0 before the first restart. */
  readonly backoffMs: number
}

/** Kubelet's crash backoff: the first restart is at once, then `initialMs` doubling to `maxMs`; a run of twice `maxMs` clears it. */
export interface CrashBackoff {
  readonly initialMs: number
  readonly maxMs: number
}

export function createdRecord(reason: WaitReason): ContainerRecord {
  return { state: { kind: 'waiting', reason }, restartCount: 0, backoffMs: 0 }
}

/** Its image cannot be pulled. */
export function waitingRecord(record: ContainerRecord, reason: WaitReason): ContainerRecord {
  return { ...record, ...previousExit(record), state: { kind: 'waiting', reason } }
}

export function startedRecord(record: ContainerRecord, now: number, crash: CrashBackoff): ContainerRecord {
  const state = { kind: 'running', startedAt: now, started: false, ready: false } as const
  const previous = previousExit(record)
  if (previous.lastExit === undefined) return { ...record, state }
  return {
    ...previous,
    state,
    restartCount: record.restartCount + 1,
    backoffMs: record.backoffMs === 0 ? crash.initialMs : Math.min(record.backoffMs * 2, crash.maxMs),
  }
}

/** A startup probe that succeeded is not evaluated again in the same run. */
export function probedRecord(record: ContainerRecord, startup: boolean, readiness: boolean): ContainerRecord {
  if (record.state.kind !== 'running') return record
  const started = record.state.started || startup
  const ready = started && readiness
  if (started === record.state.started && ready === record.state.ready) return record
  return { ...record, state: { ...record.state, started, ready } }
}

export function exitedRecord(
  record: ContainerRecord,
  end: { readonly exitCode: number; readonly message?: string },
  now: number,
  crash: CrashBackoff,
): ContainerRecord {
  const startedAt = record.state.kind === 'running' ? record.state.startedAt : now
  const backoffMs = now - startedAt > 2 * crash.maxMs ? 0 : record.backoffMs
  const exit = { ...end, run: record.restartCount, startedAt, finishedAt: now }
  return { ...record, backoffMs, state: { kind: 'terminated', exit, restartAt: now + backoffMs } }
}

export function succeeded(state: ContainerState): boolean {
  return state.kind === 'terminated' && state.exit.exitCode === 0
}

function previousExit(record: ContainerRecord): { readonly lastExit?: ContainerExit } {
  const exit = record.state.kind === 'terminated' ? record.state.exit : record.lastExit
  return exit ? { lastExit: exit } : {}
}
