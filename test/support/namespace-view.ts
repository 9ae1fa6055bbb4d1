/** The present and earlier objects of a namespace, from watches: `NamespaceView`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Event, PersistentVolumeClaim, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { type ReflectorEvent, runReflector } from '../../src/kube/reflector.ts'
import {
  events,
  networkPolicies,
  persistentVolumeClaims,
  pods,
  services,
  statefulSets,
} from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { compareResourceVersions, Store } from '../../src/runtime/store.ts'

/** One state of one object. */
export interface Sighting {
  readonly kind: string
  readonly name: string
  /** The object's last state, with the resourceVersion of the deletion. */
  readonly isDeleted: boolean
  readonly object: Readonly<KubeObject>
}

export class NamespaceView implements AsyncDisposable {
  readonly nodes: Store<SeiNode>
  readonly claims: Store<PersistentVolumeClaim>
  readonly services: Store<Service>
  readonly networkPolicies: Store<NetworkPolicy>
  readonly statefulSets: Store<StatefulSet>
  readonly pods: Store<Pod>
  readonly events: Store<Event>
  readonly #history: Sighting[] = []
  readonly #stopping = new AbortController()
  readonly #running: Promise<unknown>[] = []
  readonly #synced: Promise<void>[] = []
  readonly #client: KubeClient
  readonly #namespace: string

  private constructor(client: KubeClient, namespace: string) {
    this.#client = client
    this.#namespace = namespace
    this.nodes = this.#follow(seiNodes)
    this.claims = this.#follow(persistentVolumeClaims)
    this.services = this.#follow(services)
    this.networkPolicies = this.#follow(networkPolicies)
    this.statefulSets = this.#follow(statefulSets)
    this.pods = this.#follow(pods)
    this.events = this.#follow(events)
  }

  /** Resolves when all present objects are known. */
  static async open(client: KubeClient, namespace: string): Promise<NamespaceView> {
    const view = new NamespaceView(client, namespace)
    await Promise.all(view.#synced)
    return view
  }

  key(name: string): string {
    return `${this.#namespace}/${name}`
  }

  /** Every state of the objects of that name, those of other kinds among them, oldest first. */
  historyOf(name: string): readonly Sighting[] {
    const versionOf = ({ object }: Sighting): string => object.metadata?.resourceVersion ?? ''
    return this.#history
      .filter(sighting => sighting.name === name)
      .toSorted((a, b) => compareResourceVersions(versionOf(a), versionOf(b)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled(this.#running)
  }

  #follow<T extends KubeObject>(resource: Resource<T>): Store<T> {
    const store = new Store<T>()
    const synced = Promise.withResolvers<void>()
    this.#synced.push(synced.promise)
    const sink = (event: ReflectorEvent<T>): void => {
      if (event.kind === 'replaced') {
        store.replace(event.items, { namespace: this.#namespace, resourceVersion: event.resourceVersion })
        for (const object of event.items) this.#note(resource, false, object)
        synced.resolve()
        return
      }
      if (event.kind === 'applied') store.applied(event.object)
      else store.deleted(event.object)
      this.#note(resource, event.kind === 'deleted', event.object)
    }
    const options = { client: this.#client, resource, namespace: this.#namespace, sink, onError: console.error }
    this.#running.push(runReflector<T>({ ...options, signal: this.#stopping.signal }))
    return store
  }

  #note({ kind }: Resource, isDeleted: boolean, object: Readonly<KubeObject>): void {
    this.#history.push({ kind, name: object.metadata?.name ?? '', isDeleted, object })
  }
}
