/** What a controller remembers of each object between reconciles: `LocalStates`. */

/** By the key of the object; one of the same name with another UID starts with a new state. */
export class LocalStates<T> {
  readonly #create: () => T
  readonly #byKey = new Map<string, { readonly uid: string; readonly local: T }>()

  constructor(create: () => T) {
    this.#create = create
  }

  of(key: string, uid: string): T {
    const known = this.known(key, uid)
    if (known) return known
    const local = this.#create()
    this.#byKey.set(key, { uid, local })
    return local
  }

  known(key: string, uid: string): T | undefined {
    const known = this.#byKey.get(key)
    return known?.uid === uid ? known.local : undefined
  }

  forget(key: string): void {
    this.#byKey.delete(key)
  }
}
