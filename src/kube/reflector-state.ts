/** The state machine of a list and watch: `step` derives the next state from the state and the input. Pure. */
import { assertNever } from '../lib/assert-never.ts'
import { ApiError, TransportError, WatchError } from './errors.ts'
import type { KubeObject, ObjectList, WatchEvent } from './types.ts'

/**
 * - `Empty`: no known resourceVersion, or one that is too old. Lists. On success: `InitListed`; on failure: `Empty`.
 * - `InitListed`: everything up to `resourceVersion` is known. Opens a watch from there. On its first event:
 *   `Watching`; when it ends or fails: `InitListed` again, or `Empty` where that cannot help.
 * - `Watching`: events come in. When the stream ends or fails: `InitListed`, which resumes it from the last
 *   resourceVersion seen; on an error that may have lost events: `Empty`.
 *
 * `failures` counts the failures since a watch was last healthy; it decides how long to wait.
 */
export type ReflectorState =
  | { readonly name: 'Empty'; readonly failures: number }
  | { readonly name: 'InitListed'; readonly resourceVersion: string; readonly failures: number }
  | { readonly name: 'Watching'; readonly resourceVersion: string; readonly failures: number }

/** `watchedMs`: how long the watch had been open. */
export type ReflectorInput<T extends KubeObject> =
  | { readonly kind: 'listed'; readonly list: ObjectList<T> }
  | { readonly kind: 'event'; readonly event: WatchEvent<T> }
  | { readonly kind: 'ended'; readonly watchedMs: number }
  | { readonly kind: 'failed'; readonly error: unknown; readonly watchedMs: number }

/** The events for the sink: first all objects, then each change. */
export type ReflectorEvent<T extends KubeObject> =
  | { readonly kind: 'replaced'; readonly items: readonly T[]; readonly resourceVersion: string }
  | { readonly kind: 'applied'; readonly object: T }
  | { readonly kind: 'deleted'; readonly object: T }

export interface ReflectorStep<T extends KubeObject> {
  readonly state: ReflectorState
  readonly output?: ReflectorEvent<T>
}

export const EMPTY: ReflectorState = { name: 'Empty', failures: 0 }

/** A watch that lasted this long was healthy: the next one starts without a delay. */
const HEALTHY_WATCH_MS = 5_000
/** After this many failures in a row to resume a watch from a server that answers, list instead. */
const MAX_RESUMES = 5

/**
 * The version is too old or unknown to the server, or the kind does not exist. Any other refusal (a token rotation, a changed
 * role, a busy server) leaves the version valid. A relist after it would make all watches of all processes list at once.
 */
const CANNOT_RESUME: ReadonlySet<number> = new Set([400, 404, 410])

export function step<T extends KubeObject>(state: ReflectorState, input: ReflectorInput<T>): ReflectorStep<T> {
  switch (input.kind) {
    case 'listed': {
      const { items, resourceVersion } = input.list
      return {
        state: { name: 'InitListed', resourceVersion, failures: state.failures },
        output: { kind: 'replaced', items, resourceVersion },
      }
    }
    case 'event':
      return onEvent(state, input.event)
    case 'ended': {
      if (state.name === 'Empty') return { state }
      const failures = input.watchedMs >= HEALTHY_WATCH_MS ? 0 : state.failures + 1
      return { state: { name: 'InitListed', resourceVersion: state.resourceVersion, failures } }
    }
    case 'failed': {
      const failures = (input.watchedMs >= HEALTHY_WATCH_MS ? 0 : state.failures) + 1
      if (state.name === 'Empty' || mustRelist(state.name, input.error, failures))
        return { state: { name: 'Empty', failures } }
      return { state: { name: 'InitListed', resourceVersion: state.resourceVersion, failures } }
    }
    default:
      return assertNever(input)
  }
}

function onEvent<T extends KubeObject>(state: ReflectorState, event: WatchEvent<T>): ReflectorStep<T> {
  if (state.name === 'Empty') return { state }
  const resourceVersion = event.object.metadata?.resourceVersion ?? state.resourceVersion
  const watching: ReflectorState = { name: 'Watching', resourceVersion, failures: state.failures }
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
      return { state: watching, output: { kind: 'applied', object: event.object } }
    case 'DELETED':
      return { state: watching, output: { kind: 'deleted', object: event.object } }
    case 'BOOKMARK':
      return { state: watching }
    default:
      return assertNever(event.type)
  }
}

/** Whether the watch cannot be resumed from the last resourceVersion. */
function mustRelist(state: 'InitListed' | 'Watching', error: unknown, failures: number): boolean {
  // The server is unreachable, so no event is lost. Relists by all clients would overload it when it returns.
  if (error instanceof TransportError) return false
  // A stalled stream lost nothing. But if not even a bookmark came since it was opened, the server may be behind the
  // version that the watch resumed from, as after a restore of etcd, and silent until it gets there. After the other
  // errors an event may be lost for good.
  if (error instanceof WatchError) return error.kind !== 'stalled' || state === 'InitListed'
  if (error instanceof ApiError) {
    // An etcd restored from a backup may not reach the version of the watch for days.
    const ahead = error.details?.causes?.some(({ reason }) => reason === 'ResourceVersionTooLarge')
    return CANNOT_RESUME.has(error.status) || ahead === true || failures >= MAX_RESUMES
  }
  // The sink failed on an event and may not have stored it.
  return true
}
