/** A copy of a cluster's objects in memory, which is changed in place of the cluster: `World`. */
import { isEqualJson } from '../../../lib/equal-json.ts'
import { isSelected } from '../../../lib/label-selector.ts'
import type { KubeObject, ObjectKey, Resource } from '../../../kube/types.ts'
import { Store } from '../../../runtime/store.ts'

type Selector = (object: Readonly<KubeObject>) => boolean

interface Feed {
  readonly resource: Resource
  readonly selects: Selector
  readonly applied: (text: string) => void
  readonly deleted: (text: string) => void
}

export interface NamedObject {
  readonly kind: string
  readonly name: string
  readonly object: KubeObject
}

export interface WorldOptions {
  readonly newID: () => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Holds every object as JSON, as an API server does: nobody changes it but by `put`. */
export class World {
  readonly #options: WorldOptions
  readonly #objects = new Map<string, string>()
  readonly #feeds: Feed[] = []
  /** The highest resourceVersion so far. */
  #version = 0

  constructor(options: WorldOptions) {
    this.#options = options
  }

  /** Rises with every change. */
  get version(): number {
    return this.#version
  }

  /** An object of the cluster, as it was read. */
  load<T extends KubeObject>(resource: Resource<T>, object: T): void {
    this.#version = Math.max(this.#version, Number(object.metadata?.resourceVersion ?? 0))
    this.#keep(resource, object)
  }

  /** A cache of all objects of the kind that `selects` picks, now and later. */
  store<T extends KubeObject>(resource: Resource<T>, selects: Selector = () => true): Store<T> {
    const store = new Store<T>()
    const feed: Feed = {
      resource,
      selects,
      applied: text => store.applied(JSON.parse(text)),
      deleted: text => store.deleted(JSON.parse(text)),
    }
    this.#feeds.push(feed)
    for (const object of this.list(resource)) if (selects(object)) feed.applied(JSON.stringify(object))
    return store
  }

  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): T | undefined {
    const text = this.#objects.get(idOf(resource, key))
    return text === undefined ? undefined : JSON.parse(text)
  }

  list<T extends KubeObject>(resource: Resource<T>, labels: Readonly<Record<string, string>> = {}): readonly T[] {
    const prefix = `${resource.kind} `
    const found: T[] = []
    for (const [id, text] of this.#objects) {
      if (!id.startsWith(prefix)) continue
      const object: T = JSON.parse(text)
      if (isSelected(object.metadata?.labels ?? {}, { matchLabels: labels })) found.push(object)
    }
    return found
  }

  /** Every object of the kinds, as it is now. */
  snapshot(kinds: readonly Resource[]): readonly NamedObject[] {
    return kinds.flatMap(resource =>
      this.list(resource).map(object => ({ kind: resource.kind, name: object.metadata?.name ?? '', object })),
    )
  }

  /** Stores what is new or differs, as the API server does. */
  put<T extends KubeObject & { readonly spec?: unknown }>(resource: Resource<T>, object: T): T {
    const { namespace = '', name = '' } = object.metadata ?? {}
    const before = this.get(resource, { namespace, name })
    const { uid, creationTimestamp, generation } = before?.metadata ?? {}
    if (before && isEqualJson(contentOf(before), contentOf(object))) return before
    this.#version += 1
    const isSpecNew = !before || !isEqualJson(before.spec ?? null, object.spec ?? null)
    return this.#keep(resource, {
      ...object,
      metadata: {
        ...object.metadata,
        uid: uid ?? object.metadata?.uid ?? this.#options.newID(),
        creationTimestamp:
          creationTimestamp ?? object.metadata?.creationTimestamp ?? new Date(this.#options.now()).toISOString(),
        generation: before ? (generation ?? 1) + (isSpecNew ? 1 : 0) : (object.metadata?.generation ?? 1),
        resourceVersion: String(this.#version),
      },
    })
  }

  remove<T extends KubeObject>(resource: Resource<T>, object: T): void {
    this.#version += 1
    this.#objects.delete(idOf(resource, object.metadata))
    const text = JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } })
    for (const feed of this.#feeds) if (feed.resource.kind === resource.kind) feed.deleted(text)
  }

  #keep<T extends KubeObject>(resource: Resource<T>, object: T): T {
    const text = JSON.stringify(object)
    this.#objects.set(idOf(resource, object.metadata), text)
    for (const { resource: of, selects, applied, deleted } of this.#feeds) {
      if (of.kind === resource.kind) (selects(object) ? applied : deleted)(text)
    }
    return JSON.parse(text)
  }
}

/** What a write can change. */
function contentOf(object: KubeObject): unknown {
  const { resourceVersion: _, generation: __, managedFields: ___, uid: ____, ...metadata } = object.metadata ?? {}
  return { ...object, metadata: { ...metadata, creationTimestamp: undefined } }
}

function idOf({ kind }: Resource, { namespace = '', name = '' }: Partial<ObjectKey> = {}): string {
  return `${kind} ${namespace}/${name}`
}
