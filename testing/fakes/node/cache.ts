/** The fake node's cache of the cluster: `Cache` lists and watches one kind, independent of the operator's informers. */
import type { KubeClient } from '../../../src/kube/client.ts'
import type { KubeObject, ObjectKey, Resource } from '../../../src/kube/types.ts'
import { sleep } from '../../../src/runtime/clock.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import type { Logger } from '../../../src/runtime/log.ts'

/** The server ends each watch after this time. */
const WATCH_SECONDS = 300
/** Longer than the time between two bookmarks. */
const IDLE_MS = 120_000
const RETRY_MS = 200

export interface CacheOptions<T extends KubeObject> {
  readonly client: KubeClient
  readonly resource: Resource<T>
  /** Default: all. */
  readonly namespaces?: readonly string[] | undefined
  readonly fieldSelector?: string
  /** Called after each addition, change and deletion. */
  readonly onChange: (object: T) => void
  readonly log: Logger
  readonly clock: Clock
}

export class Cache<T extends KubeObject> {
  /** Resolves after the first list of each namespace. */
  readonly synced: Promise<void>
  readonly #options: CacheOptions<T>
  readonly #objects = new Map<string, T>()
  readonly #unlisted: Set<string | undefined>
  readonly #resolveSynced: () => void

  constructor(options: CacheOptions<T>) {
    this.#options = options
    const { namespaces } = options
    this.#unlisted = new Set(options.resource.namespaced && namespaces ? namespaces : [undefined])
    const { promise, resolve } = Promise.withResolvers<void>()
    this.synced = promise
    this.#resolveSynced = resolve
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  values(): readonly T[] {
    return [...this.#objects.values()]
  }

  /** Stores the answer of a write, so that no reconcile uses an older object before the watch event arrives. */
  observe(object: T): void {
    const current = this.#objects.get(nameOf(object))
    if (!current || current.metadata?.uid !== object.metadata?.uid || isOlder(object, current)) return
    this.#objects.set(nameOf(object), object)
  }

  /** Resolves after the abort. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#unlisted].map(namespace => this.#follow(namespace, signal)))
  }

  /** Relists after every watch, because resourceVersions decrease when etcd is restored from a backup. */
  async #follow(namespace: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, resource, fieldSelector, log, clock } = this.#options
    const scope = { ...(namespace !== undefined && { namespace }), ...(fieldSelector && { fieldSelector }), signal }
    let isFailing = false
    while (!signal.aborted) {
      try {
        const { items, resourceVersion } = await client.list(resource, scope)
        this.#replace(namespace, items)
        this.#unlisted.delete(namespace)
        if (this.#unlisted.size === 0) this.#resolveSynced()
        isFailing = false
        const watch = { ...scope, resourceVersion, timeoutSeconds: WATCH_SECONDS, idleTimeoutMs: IDLE_MS }
        for await (const { type, object } of client.watch(resource, watch)) {
          if (type === 'DELETED') this.#delete(object)
          else if (type !== 'BOOKMARK') this.#set(object)
        }
      } catch (error) {
        if (signal.aborted) return
        if (!isFailing) log.warn({ err: error }, `the watch of ${resource.plural} failed`)
        isFailing = true
        await sleep(RETRY_MS, signal, clock).catch(() => {})
      }
    }
  }

  #replace(namespace: string | undefined, items: readonly T[]): void {
    const listed = new Set(items.map(nameOf))
    for (const [name, object] of this.#objects) {
      const isInScope = namespace === undefined || object.metadata?.namespace === namespace
      if (isInScope && !listed.has(name)) this.#delete(object)
    }
    for (const object of items) {
      this.#objects.set(nameOf(object), object)
      this.#options.onChange(object)
    }
  }

  #set(object: T): void {
    const current = this.#objects.get(nameOf(object))
    if (current && isOlder(object, current)) return
    this.#objects.set(nameOf(object), object)
    this.#options.onChange(object)
  }

  #delete(object: T): void {
    this.#objects.delete(nameOf(object))
    this.#options.onChange(object)
  }
}

/** `namespace/name`, or the name alone of an object without namespace. */
export function nameOf({ metadata: { namespace, name = '' } = {} }: KubeObject): string {
  return joined(namespace === undefined ? { name } : { namespace, name })
}

export function joined({ namespace, name }: ObjectKey): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

export function objectKey({ metadata: { namespace, name = '' } = {} }: KubeObject): ObjectKey {
  return namespace === undefined ? { name } : { namespace, name }
}

function isOlder(object: KubeObject, than: KubeObject): boolean {
  return Number(object.metadata?.resourceVersion) < Number(than.metadata?.resourceVersion)
}
