/** The cached objects of one kind: `Store`. */
import type { KubeObject } from '../kube/types.ts'
import { isEqualJson } from '../lib/equal-json.ts'
import { keyOf } from './object-key.ts'

/**
 * A change of one object. The objects are shared: never modify them. An object that was deleted and recreated with the same
 * name is reported as `deleted` and `added`, even if the watch missed the deletion.
 */
export type Change<T extends KubeObject> =
  | { readonly type: 'added'; readonly object: Readonly<T> }
  | { readonly type: 'updated'; readonly object: Readonly<T>; readonly previous: Readonly<T> }
  | { readonly type: 'deleted'; readonly object: Readonly<T> }

/** Called synchronously; must not throw. */
export type Listener<T extends KubeObject> = (change: Change<T>) => void

/** The lookup of an index: the objects with a value. */
export type Index<T extends KubeObject> = (value: string) => readonly Readonly<T>[]

interface IndexState<T extends KubeObject> {
  readonly valuesOf: (object: Readonly<T>) => readonly string[]
  readonly keysByValue: Map<string, Set<string>>
}

export interface ReplaceOptions {
  /** The list's resourceVersion. */
  readonly resourceVersion: string
  /** The namespace of the list; all if absent. */
  readonly namespace?: string
  /** The result of `newest` before the list was requested. */
  readonly newestBefore?: string | undefined
}

/** Compares resourceVersions, decimal integers of any size: negative if `a` is older. */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  if (a === b) return 0
  return a < b ? -1 : 1
}

function newer(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compareResourceVersions(a, b) < 0 ? b : a
}

/** Stands for all namespaces. */
const ALL = ''

/**
 * Guarantees: a watch event or the answer to an own write never replaces a newer state of an object by an older one. An object
 * whose deletion the watch has reported does not come back with the late answer to a write. A list is authoritative, except
 * for own writes after it. Assumption: resourceVersions grow, unless etcd is restored from a backup. A restore is detected in
 * a list in two ways: the list is older than the newest version that was known before its request; or an object in it is
 * older than the cached one, although that one is not newer than the list.
 */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>()
  readonly #indexes: IndexState<T>[] = []
  readonly #listeners = new Set<Listener<T>>()
  /** The newest resourceVersion from lists and watches, by namespace or `ALL`. */
  readonly #heard = new Map<string, string>()
  /** The newest resourceVersion from own writes, by namespace. */
  readonly #written = new Map<string, string>()
  readonly #transform: (object: T) => T
  /** False if this process may not read the kind, so that an absent object may exist. */
  isReadable = true

  /** `transform` is applied to the answers to own writes. Objects of lists and watches have passed it before. */
  constructor(transform: (object: T) => T = object => object) {
    this.#transform = transform
  }

  get size(): number {
    return this.#objects.size
  }

  /** The object under `namespace/name`, or `name`. */
  get(key: string): Readonly<T> | undefined {
    return this.#objects.get(key)
  }

  values(): IterableIterator<Readonly<T>> {
    return this.#objects.values()
  }

  /** Indexes all objects, present ones included, by the values that `valuesOf` returns; returns the lookup. */
  index(valuesOf: (object: Readonly<T>) => readonly string[]): Index<T> {
    const index: IndexState<T> = { valuesOf, keysByValue: new Map() }
    this.#indexes.push(index)
    for (const [key, object] of this.#objects) file(index, key, object)
    return value => {
      const found: T[] = []
      for (const key of index.keysByValue.get(value) ?? []) {
        const object = this.#objects.get(key)
        if (object !== undefined) found.push(object)
      }
      return found
    }
  }

  /** Calls `listener` with every present object as added and with every later change. Returns the function to unsubscribe. */
  subscribe(listener: Listener<T>): () => void {
    this.#listeners.add(listener)
    for (const object of this.#objects.values()) listener({ type: 'added', object })
    return () => this.#listeners.delete(listener)
  }

  /** Handles a watch event: the object exists in this state. */
  applied(object: T): void {
    this.#hear(object)
    this.#put(object)
  }

  /** Handles a watch event: the object is deleted or no longer selected. */
  deleted(object: T): void {
    this.#hear(object)
    const key = keyOf(object)
    const stored = this.#objects.get(key)
    if (stored !== undefined && compareResourceVersions(versionOf(object), versionOf(stored)) >= 0)
      this.#remove(key, stored)
  }

  /**
   * The newest known resourceVersion of the namespace, or of all. No later list is older, unless the cluster was restored from
   * a backup. Undefined if none is known.
   */
  newest(namespace?: string): string | undefined {
    const heard = this.#heard.get(namespace ?? ALL)
    const written = namespace === undefined ? [...this.#written.values()] : [this.#written.get(namespace)]
    return [heard, ...written].reduce(newer)
  }

  /** Handles a list: replaces all objects, except those that were written after the list. */
  replace(items: readonly T[], { resourceVersion, namespace, newestBefore }: ReplaceOptions): void {
    const scope = namespace ?? ALL
    const known = newer(this.#heard.get(scope), newestBefore)
    const wentBack = known !== undefined && compareResourceVersions(resourceVersion, known) < 0
    this.#heard.set(scope, resourceVersion)
    if (wentBack) this.#forgetWrites(namespace)
    const isSince = (stored: T): boolean => !wentBack && compareResourceVersions(versionOf(stored), resourceVersion) > 0
    const listed = new Set<string>()
    for (const object of items) {
      const key = keyOf(object)
      listed.add(key)
      const stored = this.#objects.get(key)
      // After a restore etcd reuses versions, so an object with the same version may differ.
      if (!stored || (!isSince(stored) && !isEqualJson(object, stored))) this.#take(key, object)
    }
    for (const [key, stored] of this.#objects) {
      if (listed.has(key) || (namespace ?? stored.metadata?.namespace) !== stored.metadata?.namespace) continue
      if (!isSince(stored)) this.#remove(key, stored)
    }
  }

  /**
   * Handles the answer to an own write, so that reads see it before the watch does. The store takes ownership of the object.
   * Only for objects that the store's watch selects: any other would never be removed.
   */
  observeWrite(object: T): void {
    const namespace = object.metadata?.namespace ?? ALL
    const version = newer(this.#written.get(namespace), object.metadata?.resourceVersion)
    if (version !== undefined) this.#written.set(namespace, version)
    const stored = this.#objects.get(keyOf(object))
    const heard = this.#heard.get(namespace) ?? this.#heard.get(ALL)
    const isKnown = stored?.metadata?.uid === object.metadata?.uid
    // The watch is newer than this write and the object is absent: it was deleted before the answer arrived.
    if (!isKnown && heard !== undefined && compareResourceVersions(versionOf(object), heard) <= 0) return
    this.#put(this.#transform(object))
  }

  #hear(object: T): void {
    const namespace = object.metadata?.namespace ?? ALL
    const scope = this.#heard.has(namespace) ? namespace : ALL
    const heard = this.#heard.get(scope)
    const version = versionOf(object)
    if (heard === undefined || compareResourceVersions(version, heard) > 0) this.#heard.set(scope, version)
  }

  #forgetWrites(namespace: string | undefined): void {
    if (namespace === undefined) this.#written.clear()
    else this.#written.delete(namespace)
  }

  #put(object: T): void {
    const key = keyOf(object)
    const previous = this.#objects.get(key)
    if (previous === undefined || compareResourceVersions(versionOf(object), versionOf(previous)) > 0)
      this.#take(key, object)
  }

  #take(key: string, object: T): void {
    const previous = this.#objects.get(key)
    if (previous === undefined) {
      this.#set(key, object)
      this.#deliver({ type: 'added', object })
      return
    }
    if (object.metadata?.uid !== previous.metadata?.uid) {
      this.#remove(key, previous)
      this.#set(key, object)
      this.#deliver({ type: 'added', object })
      return
    }
    for (const index of this.#indexes) unfile(index, key, previous)
    this.#set(key, object)
    this.#deliver({ type: 'updated', object, previous })
  }

  #set(key: string, object: T): void {
    this.#objects.set(key, object)
    for (const index of this.#indexes) file(index, key, object)
  }

  #remove(key: string, object: T): void {
    this.#objects.delete(key)
    for (const index of this.#indexes) unfile(index, key, object)
    this.#deliver({ type: 'deleted', object })
  }

  #deliver(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change)
  }
}

function versionOf(object: Readonly<KubeObject>): string {
  const version = object.metadata?.resourceVersion
  if (version === undefined)
    throw new Error(`${object.kind ?? 'object'} ${keyOf(object)}: expected a resourceVersion, found none`)
  return version
}

function file<T extends KubeObject>(index: IndexState<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const keys = index.keysByValue.get(value)
    if (keys === undefined) index.keysByValue.set(value, new Set([key]))
    else keys.add(key)
  }
}

function unfile<T extends KubeObject>(index: IndexState<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const keys = index.keysByValue.get(value)
    keys?.delete(key)
    if (keys?.size === 0) index.keysByValue.delete(value)
  }
}
