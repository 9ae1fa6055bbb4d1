/** A cache of one kind: `Informer` consists of a store and the reflectors that fill it. */
import type { ReflectorEvent, ReflectorOptions } from '../kube/reflector.ts'
import { runReflector } from '../kube/reflector.ts'
import type { KubeObject, Resource } from '../kube/types.ts'
import type { Clock } from './clock.ts'
import type { Logger } from './log.ts'
import { mayRead, type ReviewClient } from './may-read.ts'
import { Store } from './store.ts'

export interface InformerOptions<T extends KubeObject> {
  readonly client: ReflectorOptions<T>['client'] & ReviewClient
  readonly resource: Resource<T>
  /** Namespaces to watch, each with its own watch. Absent or empty: all namespaces. */
  readonly namespaces?: readonly string[]
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** The kind is optional: if the process may not read it, the store is empty and not `isReadable`. Default: false. */
  readonly isOptional?: boolean
  /** Runs on every object before it is stored, and may change it in place. Default: `withoutBookkeeping`. */
  readonly transform?: (object: T) => T
  readonly log: Logger
  readonly clock: Clock
  /** Called when a list or watch failed, before the retry. */
  readonly onFailure?: () => void
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** Drops metadata that only other clients read, in place. It can be larger than the object. */
export function withoutBookkeeping<T extends KubeObject>(object: T): T {
  delete object.metadata?.managedFields
  delete object.metadata?.annotations?.[LAST_APPLIED]
  return object
}

export class Informer<T extends KubeObject> {
  readonly resource: Resource<T>
  readonly store: Store<T>
  /** Resolves when every namespace is listed; pending while the API server is unreachable. */
  readonly synced: Promise<void>
  readonly #options: InformerOptions<T>
  readonly #transform: (object: T) => T
  readonly #allSynced = Promise.withResolvers<void>()
  /** Namespaces that are not listed yet; undefined stands for all namespaces. */
  readonly #unsynced: Set<string | undefined>
  readonly #namespaces: readonly (string | undefined)[]
  #relisting = new AbortController()

  constructor(options: InformerOptions<T>) {
    const { namespaces = [] } = options
    this.#options = options
    this.#transform = options.transform ?? withoutBookkeeping
    this.#namespaces = namespaces.length > 0 && options.resource.namespaced ? namespaces : [undefined]
    this.#unsynced = new Set(this.#namespaces)
    this.resource = options.resource
    this.store = new Store(this.#transform)
    this.synced = this.#allSynced.promise
  }

  /** Whether the store is complete. */
  get hasSynced(): boolean {
    return this.#unsynced.size === 0
  }

  /** Lists and watches until the signal is aborted, through any failure of the server. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#options.isOptional === true && !(await this.#isAllowed(signal))) return
    await Promise.all(this.#namespaces.map(namespace => this.#reflect(namespace, signal)))
  }

  /** Lists all objects again and discards the known versions: the API server was restored from a backup. */
  relist(): void {
    const before = this.#relisting
    this.#relisting = new AbortController()
    before.abort()
  }

  /** False if the kind is optional and may not be read: nothing to wait for. */
  async #isAllowed(signal: AbortSignal): Promise<boolean> {
    const { resource, log } = this.#options
    const isAllowed = await mayRead(resource, this.#options, signal)
    if (isAllowed || signal.aborted) return isAllowed
    this.store.isReadable = false
    this.#unsynced.clear()
    this.#allSynced.resolve()
    log.info({ resource: resource.plural }, 'not allowed to be read, and done without: given the right, restart')
    return false
  }

  async #reflect(namespace: string | undefined, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#follow(namespace, AbortSignal.any([signal, this.#relisting.signal]))
    }
  }

  /** Until the signal is aborted. */
  async #follow(namespace: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, resource, labelSelector, fieldSelector, log, clock, onFailure } = this.#options
    let newestBefore: string | undefined
    await runReflector<T>({
      client,
      resource,
      map: this.#transform,
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      onList: () => (newestBefore = this.store.newest(namespace)),
      sink: event => this.#receive(event, namespace, newestBefore),
      onError: error => {
        onFailure?.()
        log.warn(
          { err: error, resource: resource.plural, ...(namespace !== undefined && { namespace }) },
          'watch interrupted',
        )
      },
      signal,
      clock,
    })
  }

  #receive(event: ReflectorEvent<T>, namespace: string | undefined, newestBefore: string | undefined): void {
    switch (event.kind) {
      case 'replaced': {
        const { items, resourceVersion } = event
        this.store.replace(items, { resourceVersion, newestBefore, ...(namespace !== undefined && { namespace }) })
        this.#unsynced.delete(namespace)
        if (this.hasSynced) this.#allSynced.resolve()
        return
      }
      case 'applied':
        this.store.applied(event.object)
        return
      case 'deleted':
        this.store.deleted(event.object)
        return
    }
  }
}
