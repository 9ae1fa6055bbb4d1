/** What a controller remembers of each object between reconciles: `Memories`. */

/** By the key of the object; one of the same name with another UID begins with a new memory. */
export class Memories<T> {
  readonly #create: () => T
  readonly #byKey = new Map<string, { readonly uid: string; readonly memory: T }>()

  constructor(create: () => T) {
    this.#create = create
  }

  of(key: string, uid: string): T {
    const known = this.known(key, uid)
    if (known) return known
    const memory = this.#create()
    this.#byKey.set(key, { uid, memory })
    return memory
  }

  known(key: string, uid: string): T | undefined {
    const known = this.#byKey.get(key)
    return known?.uid === uid ? known.memory : undefined
  }

  forget(key: string): void {
    this.#byKey.delete(key)
  }
}
