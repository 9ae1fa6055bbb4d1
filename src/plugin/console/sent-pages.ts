/** Pages that browsers load, until their streams begin: `SentPages`. A stream then begins with what has changed since. */
import type { Drawn } from './markup.ts'

/** Loaded at the same time, in several tabs. */
const MAX_PAGES = 16

export class SentPages {
  readonly #pages = new Map<string, Drawn>()
  #last = 0

  /** Returns the id by which it can be taken once. */
  keep(page: Drawn): string {
    this.#last += 1
    const id = String(this.#last)
    this.#pages.set(id, page)
    this.#pages.delete(String(this.#last - MAX_PAGES))
    return id
  }

  /** Undefined the second time: a stream that begins again does not know what its browser shows by now. */
  take(id: string): Drawn | undefined {
    const page = this.#pages.get(id)
    this.#pages.delete(id)
    return page
  }
}
