/**
 * Keeps a sink up to date with the objects of one kind: `runReflector` lists and watches them, and recovers from any failure
 * of the connection or the server. The decisions are in reflector-state.ts.
 */
import { backoffMs } from '../lib/backoff.ts'
import type { ListOptions, WatchOptions } from './client.ts'
import { type KubeClock, realClock, sleep } from './clock.ts'
import { ApiError } from './errors.ts'
import { EMPTY, type ReflectorEvent, type ReflectorInput, type ReflectorState, step } from './reflector-state.ts'
import type { KubeObject, ObjectList, Resource, WatchEvent } from './types.ts'

export type { ReflectorEvent } from './reflector-state.ts'

/** The methods of a `KubeClient` that a reflector uses. */
export interface ListWatcher<T extends KubeObject> {
  list(resource: Resource<T>, options: ListOptions<T>): Promise<ObjectList<T>>
  watch(resource: Resource<T>, options: WatchOptions<T>): AsyncIterable<WatchEvent<T>>
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: ListWatcher<NoInfer<T>>
  readonly resource: Resource<T>
  /** Absent: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Runs on every object before it reaches the sink, to drop unused fields such as managedFields. */
  readonly map?: (object: T) => T
  /**
   * Receives all events in order. If the watch misses the deletion of an object that is then recreated, the sink gets one
   * `applied` with another UID: compare UIDs. If the sink throws, the error is reported and all objects are listed again.
   */
  readonly sink: (event: ReflectorEvent<T>) => void
  /** Called before a list. */
  readonly onList?: () => void
  /** Called after every failure; the reflector recovers by itself. */
  readonly onError: (error: unknown) => void
  /** Ends the reflector; nothing else does. */
  readonly signal: AbortSignal
  /** A watch that is silent for longer is restarted. The server sends a bookmark about once a minute, the first one after up to two. Default 210 s. */
  readonly idleTimeoutMs?: number
  readonly clock?: KubeClock
  /** 0 to 1. */
  readonly random?: () => number
}

const BACKOFF = { initialMs: 250, maxMs: 10_000, jitter: 0.5 }
const MIN_WATCH_SECONDS = 300

/** Resolves when the signal is aborted, and never rejects. */
export async function runReflector<T extends KubeObject>(options: ReflectorOptions<T>): Promise<void> {
  const { signal, onError, clock = realClock, random = Math.random } = options
  let state = EMPTY
  while (!signal.aborted) {
    let wait = 0
    for await (const input of inputs(state, options, clock, random)) {
      // An abort makes the request in progress fail, which is not a failure to report.
      if (signal.aborted) return
      const next = deliver(state, input, options)
      state = next.state
      if (next.failure !== undefined) onError(next.failure)
      if (next.failure !== undefined || input.kind === 'ended') wait = waitMs(state.failures, next.failure, random())
      if (next.failure !== undefined) break
    }
    if (wait > 0) await sleep(wait, signal, clock).catch(() => undefined)
  }
}

/** Runs the action of the state, a list or a whole watch, and yields its inputs. Never throws. */
async function* inputs<T extends KubeObject>(
  state: ReflectorState,
  options: ReflectorOptions<T>,
  clock: KubeClock,
  random: () => number,
): AsyncGenerator<ReflectorInput<T>, void, void> {
  const { client, resource, namespace, labelSelector, fieldSelector, map, signal, idleTimeoutMs = 210_000 } = options
  const query = {
    signal,
    ...(namespace && { namespace }),
    ...(labelSelector && { labelSelector }),
    ...(fieldSelector && { fieldSelector }),
    ...(map && { map }),
  }
  const started = clock.monotonic()
  try {
    if (state.name === 'Empty') {
      options.onList?.()
      yield { kind: 'listed', list: await client.list(resource, query) }
      return
    }
    // Jitter, so that the watches of one process do not all end at the same moment.
    const timeoutSeconds = Math.round(MIN_WATCH_SECONDS * (1 + random()))
    const { resourceVersion } = state
    for await (const event of client.watch(resource, { ...query, resourceVersion, timeoutSeconds, idleTimeoutMs })) {
      yield { kind: 'event', event }
    }
    yield { kind: 'ended', watchedMs: clock.monotonic() - started }
  } catch (error) {
    yield { kind: 'failed', error, watchedMs: state.name === 'Empty' ? 0 : clock.monotonic() - started }
  }
}

interface Delivered {
  readonly state: ReflectorState
  readonly failure?: unknown
}

/** Takes one step and passes its output to the sink. */
function deliver<T extends KubeObject>(
  state: ReflectorState,
  input: ReflectorInput<T>,
  options: ReflectorOptions<T>,
): Delivered {
  const next = step(state, input)
  if (input.kind === 'failed') return { state: next.state, failure: input.error }
  try {
    if (next.output) options.sink(next.output)
    return { state: next.state }
  } catch (error) {
    return { state: step<T>(state, { kind: 'failed', error, watchedMs: 0 }).state, failure: error }
  }
}

function waitMs(failures: number, failure: unknown, random: number): number {
  if (failures === 0) return 0
  const asked = failure instanceof ApiError ? (failure.retryAfterMs ?? 0) : 0
  return Math.max(backoffMs(failures - 1, BACKOFF, random), asked)
}
