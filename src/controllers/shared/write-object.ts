/** The writes to an object of one of our kinds itself: `ObjectWriter` knows its finalizer, its status and the events about it. */
import { API_VERSION, FIELD_MANAGER } from '../../api/names.ts'
import type { KubeClient } from '../../kube/client.ts'
import { ApiError, isInvalid, isNotFound, isPassing, mayHaveWritten } from '../../kube/errors.ts'
import type { KubeObject, ObjectMeta, Resource } from '../../kube/types.ts'
import { isEqualJson } from '../../lib/equal-json.ts'
import type { EventInput } from '../../runtime/event-filter.ts'
import type { EventSink } from '../../runtime/events.ts'
import type { Store } from '../../runtime/store.ts'
import { refusal } from './failures.ts'

interface Stored<S> extends KubeObject {
  metadata: ObjectMeta & { name: string }
  status?: S
}

/** An event about the object whose status changed. */
export type StatusEvent = Omit<EventInput, 'regarding'>

export interface Reporting<S> {
  readonly events: EventSink
  readonly news: (before: S | undefined, after: S) => readonly StatusEvent[]
}

export class ObjectWriter<S, T extends Stored<S>> {
  readonly #resource: Resource<T>
  readonly #finalizer: string
  readonly #initial: S
  readonly #client: KubeClient
  readonly #store: Store<T>

  /** @param initial status of an object that was never reconciled */
  constructor(resource: Resource<T>, finalizer: string, initial: S, client: KubeClient, store: Store<T>) {
    this.#resource = resource
    this.#finalizer = finalizer
    this.#initial = initial
    this.#client = client
    this.#store = store
  }

  hasFinalizer(object: Readonly<T>): boolean {
    return object.metadata.finalizers?.includes(this.#finalizer) === true
  }

  /** The object with the finalizer, without which its volumes could go while pods still write to them. */
  async ensureFinalizer(object: Readonly<T>, signal: AbortSignal): Promise<Readonly<T>> {
    if (this.hasFinalizer(object)) return object
    return this.#setFinalizers(object, [...(object.metadata.finalizers ?? []), this.#finalizer], signal)
  }

  /** An object that is gone needs no more: the cache may still have it. */
  async removeFinalizer(object: Readonly<T>, signal: AbortSignal): Promise<void> {
    const others = (object.metadata.finalizers ?? []).filter(finalizer => finalizer !== this.#finalizer)
    try {
      await this.#setFinalizers(object, others, signal)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /**
   * The object with `status`; nothing is written where it has that status already.
   * @throws ApiError (conflict) when the object changed since it was read; where the CRD is older than the operator and lacks
   * a field of `status`, which the API server would drop
   */
  async writeStatus(object: Readonly<T>, status: S, signal: AbortSignal): Promise<Readonly<T>> {
    if (isEqualJson(status, object.status ?? {})) return object
    const { kind } = this.#resource
    const options = { fieldManager: FIELD_MANAGER, subresource: 'status', fieldValidation: 'Strict', signal } as const
    const written = await this.#client.replace(
      this.#resource,
      { ...object, apiVersion: API_VERSION, kind, status },
      options,
    )
    this.#store.observeWrite(written)
    return written
  }

  /**
   * Writes the status, then the events that its change is worth: at most once, and once where the write is known to have
   * happened. A write whose answer was lost may have happened, and the next reconcile would find no change to report, so the
   * object is read once. No event is posted if that read fails too, or if the write takes effect after it.
   * @param news the events of the change between two statuses
   * @returns the object as written
   */
  async report(
    object: Readonly<T>,
    status: S,
    { events, news }: Reporting<S>,
    signal: AbortSignal,
  ): Promise<Readonly<T>> {
    const kind = { apiVersion: API_VERSION, kind: this.#resource.kind }
    const refused = (error: unknown): never => {
      const note = refusalOf(error)
      if (note !== undefined) {
        events.event({
          regarding: { ...object, ...kind },
          type: 'Warning',
          reason: 'StatusRefused',
          note,
          action: 'Reconcile',
        })
      }
      throw error
    }
    const written = await this.writeStatus(object, status, signal)
      .catch((error: unknown) => this.#writtenAllTheSame(object, status, error, signal))
      .catch(refused)
    if (written === object) return written
    for (const event of news(object.status, status)) events.event({ regarding: { ...written, ...kind }, ...event })
    return written
  }

  /** The object with `status`, if the write that failed with `error` happened; otherwise throws `error`. */
  async #writtenAllTheSame(object: Readonly<T>, status: S, error: unknown, signal: AbortSignal): Promise<Readonly<T>> {
    if (signal.aborted || !mayHaveWritten(error)) throw error
    const { namespace = '', name, uid } = object.metadata
    const live = await this.#client.get(this.#resource, { namespace, name }, { signal }).catch(() => undefined)
    if (!live || live.metadata.uid !== uid || !isEqualJson(status, live.status ?? {})) throw error
    this.#store.observeWrite(live)
    return live
  }

  /**
   * An object that was stored before the schema refused one of its values is refused for as long as it has no status: see
   * `guardedRules`.
   */
  async #setFinalizers(object: Readonly<T>, finalizers: readonly string[], signal: AbortSignal): Promise<T> {
    try {
      return await this.#patchFinalizers(object, finalizers, signal)
    } catch (error) {
      if (!isInvalid(error) || object.status !== undefined) throw error
      return this.#patchFinalizers(await this.writeStatus(object, this.#initial, signal), finalizers, signal)
    }
  }

  async #patchFinalizers(object: Readonly<T>, finalizers: readonly string[], signal: AbortSignal): Promise<T> {
    const { name, namespace = '', uid, resourceVersion } = object.metadata
    const body = { metadata: { uid, resourceVersion, finalizers } }
    const options = { type: 'merge', fieldManager: FIELD_MANAGER, signal } as const
    const written = await this.#client.patch(this.#resource, { namespace, name }, body, options)
    this.#store.observeWrite(written)
    return written
  }
}

/** What no condition can say: that the API server refuses the status. Undefined for what passes, and for an object that is gone. */
function refusalOf(error: unknown): string | undefined {
  const isRefused = error instanceof ApiError && !isPassing(error) && error.status !== 404
  return isRefused ? refusal(error.message) : undefined
}
