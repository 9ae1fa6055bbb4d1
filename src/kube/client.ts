/** What the operator asks of an API server: `KubeClient` is the whole surface; `http-client.ts` is the one implementation. */
import type { KubeObject, ObjectKey, ObjectList, Resource, WatchEvent } from './types.ts'

export interface CallOptions {
  /** Ends the request early; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface ListOptions<T extends KubeObject = KubeObject> extends CallOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Runs on each object as it is decoded, before the next one is: what it drops is never held in memory. */
  readonly map?: (object: T) => T
}

export interface WatchOptions<T extends KubeObject = KubeObject> extends ListOptions<T> {
  /** The list's resourceVersion, or that of the last event or bookmark seen. */
  readonly resourceVersion: string
  /** After this many seconds the server ends the stream normally. */
  readonly timeoutSeconds: number
  /** A stream silent for longer (no event, no bookmark) is taken for dead: a `WatchError` of kind `stalled`. Milliseconds. */
  readonly idleTimeoutMs: number
}

export interface ApplyOptions extends CallOptions {
  readonly fieldManager: string
  /** Take over fields that another manager owns. */
  readonly force?: boolean
  /**
   * Create the object, never touch one that is there: where one of that name exists, even a terminating one, the call
   * rejects with an `ApiError` for which `isAlreadyExists` is true. One request; later applies by the same manager
   * own every field of it. `force` has no meaning beside it.
   */
  readonly createOnly?: boolean
  /** Ask what would come of it, and store nothing. */
  readonly dryRun?: boolean
}

export interface DeleteOptions extends CallOptions {
  /** Precondition: the object that was meant, not a later one of the same name. */
  readonly uid: string
  readonly resourceVersion?: string
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly gracePeriodSeconds?: number
}

export type PatchType = 'merge' | 'json' | 'strategic'

export interface PatchOptions extends CallOptions {
  readonly type: PatchType
  readonly fieldManager?: string
  readonly subresource?: string
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string
  readonly subresource?: string
  /** `Strict`: a field that the schema does not have is refused (400), not dropped. */
  readonly fieldValidation?: 'Strict'
}

/**
 * A typed client of one API server. Every call rejects with an `ApiError` (see errors.ts) when the server answered with
 * a failure, with a `TransportError` when no usable answer came, and with the signal's reason when it was aborted.
 */
export interface KubeClient {
  /** The object, or undefined where there is none. A 404 for the kind itself (its CRD is missing) rejects. */
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options?: CallOptions): Promise<T | undefined>
  /** All objects that match, fetched page by page. */
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions<T>): Promise<ObjectList<T>>
  /** Events from `resourceVersion` on, bookmarks included. Ends when the server closes the stream; throws on an in-stream ERROR. */
  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions<T>): AsyncIterable<WatchEvent<T>>
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  /** PUT; `metadata.resourceVersion` in `object` is the precondition. With `subresource: 'status'` only status is written. */
  replace<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  /** Server-side apply of exactly the fields in `object`. */
  apply<T extends KubeObject>(resource: Resource<T>, object: T, options: ApplyOptions): Promise<T>
  patch<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, body: unknown, options: PatchOptions): Promise<T>
  /**
   * True when the object was there (and is going); false when it was already gone or has another UID. A 409 for the
   * resourceVersion precondition rejects.
   */
  delete(resource: Resource, key: ObjectKey, options: DeleteOptions): Promise<boolean>
}
