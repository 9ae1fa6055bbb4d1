/** The implementation of `KubeClient`: `createKubeClient`. */
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  LogOptions,
  PatchOptions,
  PatchType,
  WatchOptions,
  WriteOptions,
} from './client.ts'
import { type KubeClock, realClock } from './clock.ts'
import type { ClusterConfig } from './cluster-config.ts'
import { ApiError, isConflict, isNotFound } from './errors.ts'
import { listAll } from './list.ts'
import { pods } from './resources.ts'
import { requireKey, resourcePath } from './resource-path.ts'
import { askedOf, type Call, type RequestReport, Transport } from './transport.ts'
import type { KubeObject, ObjectKey, ObjectList, Resource, WatchEvent } from './types.ts'
import { watchEvents } from './watch.ts'

export interface ClientOptions {
  readonly userAgent?: string
  /** For a whole answer, and for the head of a watch. Milliseconds, 30,000 by default. */
  readonly requestTimeoutMs?: number
  /** Of a whole answer, and of a page of a list; 64 MiB by default. */
  readonly maxAnswerBytes?: number
  /** Connections for everything but watches; 64 by default. */
  readonly maxSockets?: number
  /** Called after every HTTP request, repeated ones included. */
  readonly onRequest?: (report: RequestReport) => void
  readonly clock?: KubeClock
  readonly random?: () => number
}

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}
/** JSON is YAML; `application/apply-patch+json` is not known to every supported release. */
const APPLY_TYPE = 'application/apply-patch+yaml'
/** The version of an empty etcd: a precondition that no existing object meets. */
const NO_OBJECT_VERSION = '1'

/** `close` closes all connections, including watches. */
export function createKubeClient(config: ClusterConfig, options: ClientOptions = {}): KubeClient & { close(): void } {
  return new HttpClient(
    new Transport(config, {
      userAgent: options.userAgent ?? `kube-client node/${process.versions.node}`,
      requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
      maxAnswerBytes: options.maxAnswerBytes ?? 64 * 1024 * 1024,
      maxSockets: options.maxSockets ?? 64,
      clock: options.clock ?? realClock,
      random: options.random ?? Math.random,
      onRequest: options.onRequest,
    }),
  )
}

class HttpClient implements KubeClient {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  close(): void {
    this.#transport.close()
  }

  async get<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    const at = requireKey(resource, key)
    try {
      return await this.#transport.json<T>({
        verb: 'get',
        resource,
        ...at,
        path: resourcePath(resource, at),
        signal: options.signal,
      })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  list<T extends KubeObject>(resource: Resource<T>, options: ListOptions<T> = {}): Promise<ObjectList<T>> {
    return listAll(this.#transport, resource, options)
  }

  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions<T>): AsyncIterable<WatchEvent<T>> {
    return watchEvents(this.#transport, resource, options)
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = object.metadata ?? {}
    const { subresource, fieldManager, signal } = options
    // A subresource (pods/eviction, pods/binding) is created under an object that is named; others may use generateName.
    const path = resourcePath(resource, { namespace, subresource, name: subresource && name }, { fieldManager })
    return this.#transport.json<T>({
      verb: 'create',
      resource,
      namespace,
      name,
      path,
      signal,
      body: withType(resource, object),
    })
  }

  async replace<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const at = requireKey(resource, object.metadata ?? {})
    const { subresource, fieldManager, fieldValidation, signal } = options
    const path = resourcePath(resource, { ...at, subresource }, { fieldManager, fieldValidation })
    return this.#transport.json<T>({ verb: 'update', resource, ...at, path, signal, body: withType(resource, object) })
  }

  async apply<T extends KubeObject>(resource: Resource<T>, object: T, options: ApplyOptions): Promise<T> {
    const at = requireKey(resource, object.metadata ?? {})
    const { fieldManager, force, createOnly, dryRun, signal } = options
    // The server checks field conflicts before the version, and they say less. Force skips only the former.
    const query = { fieldManager, force: force || createOnly || undefined, dryRun: dryRun ? 'All' : undefined }
    const path = resourcePath(resource, at, query)
    const metadata = createOnly ? { ...object.metadata, resourceVersion: NO_OBJECT_VERSION } : object.metadata
    const body = { ...withType(resource, object), metadata }
    const call: Call = { verb: 'apply', resource, ...at, path, signal, body, contentType: APPLY_TYPE }
    try {
      return await this.#transport.json<T>(call)
    } catch (error) {
      // Other conflicts name another object, such as a ResourceQuota that concurrent creations update.
      const isOurs = isConflict(error) && error.details?.name === at.name && error.details.kind === resource.plural
      if (!createOnly || !isOurs) throw error
      const message = 'an object of this name exists already'
      throw new ApiError(
        askedOf(call),
        409,
        { reason: 'AlreadyExists', message, details: error.details },
        { cause: error },
      )
    }
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    body: unknown,
    options: PatchOptions,
  ): Promise<T> {
    const at = requireKey(resource, key)
    const { type, subresource, fieldManager, signal } = options
    const path = resourcePath(resource, { ...at, subresource }, { fieldManager })
    const contentType = PATCH_TYPES[type]
    return this.#transport.json<T>({ verb: 'patch', resource, ...at, path, signal, body, contentType })
  }

  async delete(resource: Resource, key: ObjectKey, options: DeleteOptions): Promise<boolean> {
    const at = requireKey(resource, key)
    const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds, signal } = options
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
      propagationPolicy,
      gracePeriodSeconds,
    }
    try {
      await this.#transport.json({ verb: 'delete', resource, ...at, path: resourcePath(resource, at), signal, body })
      return true
    } catch (error) {
      if (isNotFound(error) || isOtherIncarnation(error)) return false
      throw error
    }
  }

  async log(pod: ObjectKey, { signal, ...options }: LogOptions): Promise<string> {
    const at = requireKey(pods, pod)
    const path = resourcePath(pods, { ...at, subresource: 'log' }, options)
    return this.#transport.text({ verb: 'get', resource: pods, ...at, path, signal })
  }
}

/**
 * Only the message distinguishes a UID mismatch from a resourceVersion mismatch. There are two messages, from the check before
 * the deletion and from the storage. Any other message rejects, which is safe.
 */
function isOtherIncarnation(error: unknown): boolean {
  return isConflict(error) && /UID in (the )?precondition/.test(error.detail)
}

function withType<T extends KubeObject>(resource: Resource<T>, object: T): T {
  const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version
  return { ...object, apiVersion, kind: resource.kind }
}
