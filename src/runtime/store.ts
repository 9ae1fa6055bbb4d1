/** The objects of one kind as last heard of, in memory: `Store`. */
import type { KubeObject } from '../kube/types.ts'
import { isEqualJson } from '../lib/equal-json.ts'
import { keyOf } from './keys.ts'

/**
 * What happened to one object. The objects are shared by everyone: read them, never write to them.
 * An object that was deleted and created anew under its name is one `deleted` and one `added`, missed or not.
 */
export type Change<T extends KubeObject> =
  | { readonly type: 'added'; readonly object: Readonly<T> }
  | { readonly type: 'updated'; readonly object: Readonly<T>; readonly previous: Readonly<T> }
  | { readonly type: 'deleted'; readonly object: Readonly<T> }

/** Called while the change is taking place; must not throw. */
export type Listener<T extends KubeObject> = (change: Change<T>) => void

/** The objects that an index function filed under a value. */
export type Index<T extends KubeObject> = (value: string) => readonly Readonly<T>[]

interface IndexState<T extends KubeObject> {
  readonly valuesOf: (object: Readonly<T>) => readonly string[]
  readonly keysByValue: Map<string, Set<string>>
}

export interface ReplaceOptions {
  /** That of the list. */
  readonly resourceVersion: string
  /** The list covers this namespace only. */
  readonly namespace?: string
  /** What `newest` said before the list was asked for. */
  readonly newestBefore?: string | undefined
}

/** Orders two resourceVersions of one API server: negative where `a` is older. They are decimal integers of any size. */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  if (a === b) return 0
  return a < b ? -1 : 1
}

function newer(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compareResourceVersions(a, b) < 0 ? b : a
}

/** What the server has said up to now about a namespace, or about all (`ALL`). */
const ALL = ''

/**
 * Guarantees: an older state of an object never replaces a newer one, whether it comes from a watch or a write of one's
 * own; an object that the watch has reported as deleted does not come back through a late answer to a write. A list is the
 * truth, except for what was written after it. Assumption: resourceVersions grow with time, as etcd's do, until etcd is
 * restored from a backup. That shows in a list in two ways: it is older than what was known before it was asked for, or an
 * object in it is older than the one here, though that one is no newer than the list.
 */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>()
  readonly #indexes: IndexState<T>[] = []
  readonly #listeners = new Set<Listener<T>>()
  /** By namespace, or under `ALL`: the newest resourceVersion that a list or a watch has shown. */
  readonly #heard = new Map<string, string>()
  /** By namespace: the newest resourceVersion that an own write has brought. */
  readonly #written = new Map<string, string>()
  readonly #transform: (object: T) => T
  /** False where the API server lets this process read none, so that an absence says nothing. */
  isReadable = true

  /** `transform` is applied to what own writes bring, in place or not; what lists and watches bring has passed it before. */
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

  /** Files objects, those already here included, under the values that `valuesOf` gives for each; returns the look-up. */
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

  /** Calls `listener` with every object here, as added, and with every change from then on. Returns the way to stop it. */
  subscribe(listener: Listener<T>): () => void {
    this.#listeners.add(listener)
    for (const object of this.#objects.values()) listener({ type: 'added', object })
    return () => this.#listeners.delete(listener)
  }

  /** A watch event: the object is as given. */
  applied(object: T): void {
    this.#hear(object)
    this.#put(object)
  }

  /** A watch event: the object is gone, or no longer selected. */
  deleted(object: T): void {
    this.#hear(object)
    const key = keyOf(object)
    const stored = this.#objects.get(key)
    if (stored !== undefined && compareResourceVersions(versionOf(object), versionOf(stored)) >= 0)
      this.#remove(key, stored)
  }

  /**
   * The newest resourceVersion that is known of the namespace, or of all: no list that is asked for from now on is older,
   * unless the cluster was restored from a backup. Undefined where nothing is known.
   */
  newest(namespace?: string): string | undefined {
    const heard = this.#heard.get(namespace ?? ALL)
    const written = namespace === undefined ? [...this.#written.values()] : [this.#written.get(namespace)]
    return [heard, ...written].reduce(newer)
  }

  /** A list: what it says is so, and what it lacks is gone, except what was written after it. */
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
      // An object of the same version is another one after a restore, where versions are used again.
      if (!stored || (!isSince(stored) && !isEqualJson(object, stored))) this.#take(key, object)
    }
    for (const [key, stored] of this.#objects) {
      if (listed.has(key) || (namespace ?? stored.metadata?.namespace) !== stored.metadata?.namespace) continue
      if (!isSince(stored)) this.#remove(key, stored)
    }
  }

  /**
   * The answer to a write of one's own: from here on reads see it, without waiting for the watch. The store takes the
   * object over. Only for objects that the watch behind this store selects: no other would ever be removed again.
   */
  observeWrite(object: T): void {
    const namespace = object.metadata?.namespace ?? ALL
    const version = newer(this.#written.get(namespace), object.metadata?.resourceVersion)
    if (version !== undefined) this.#written.set(namespace, version)
    const stored = this.#objects.get(keyOf(object))
    const heard = this.#heard.get(namespace) ?? this.#heard.get(ALL)
    const isKnown = stored?.metadata?.uid === object.metadata?.uid
    // The watch is past this write and the object is not here: it was deleted before the answer arrived.
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
