/** The interface of the API client: `KubeClient`. `http-client.ts` is its only implementation. */
import type { KubeObject, ObjectKey, ObjectList, Resource, WatchEvent } from './types.ts'

export interface CallOptions {
  /** Ends the request early; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface ListOptions<T extends KubeObject = KubeObject> extends CallOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Runs on each object when it is decoded, before the next one, so that dropped fields never add up in memory. */
  readonly map?: (object: T) => T
}

export interface WatchOptions<T extends KubeObject = KubeObject> extends ListOptions<T> {
  /** The list's resourceVersion, or that of the last event or bookmark seen. */
  readonly resourceVersion: string
  /** After this many seconds the server ends the stream normally. */
  readonly timeoutSeconds: number
  /** Timeout for a stream without events or bookmarks, after which it fails with a `WatchError` of kind `stalled`. Milliseconds. */
  readonly idleTimeoutMs: number
}

export interface ApplyOptions extends CallOptions {
  readonly fieldManager: string
  /** Take over fields that another manager owns. */
  readonly force?: boolean
  /**
   * Only create the object. If an object of that name exists, even a terminating one, the call rejects with an `ApiError` for
   * which `isAlreadyExists` is true. Uses one request. Later applies by the same manager own every field. `force` has no
   * effect.
   */
  readonly createOnly?: boolean
  /** Dry run: return the result without storing it. */
  readonly dryRun?: boolean
}

export interface DeleteOptions extends CallOptions {
  /** Precondition: this object, not a later one of the same name. */
  readonly uid: string
  readonly resourceVersion?: string
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly gracePeriodSeconds?: number
}

export interface LogOptions extends CallOptions {
  readonly container: string
  /** The run of the container before the present one. */
  readonly previous?: boolean
  /** Only the last lines. */
  readonly tailLines: number
  /** Only the first bytes of those lines. */
  readonly limitBytes: number
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
  /** `Strict`: the API server refuses unknown fields (400) instead of dropping them. */
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
   * True if the object existed and is now terminating; false if it does not exist or has another UID. Rejects on a 409 for the
   * resourceVersion precondition.
   */
  delete(resource: Resource, key: ObjectKey, options: DeleteOptions): Promise<boolean>
  /** The log of a container of the pod, stdout and stderr in their order. */
  log(pod: ObjectKey, options: LogOptions): Promise<string>
}
