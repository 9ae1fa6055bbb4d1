/** A short-lived cache that shares the answer of a lookup among all callers: `RecentLookups`. */

/** Hundreds of nodes with the same peers may bootstrap at once. Peers that are half a minute old are recent enough. */
const MAX_AGE_MS = 30_000

interface Lookup<T> {
  readonly result: Promise<T>
  readonly signal: AbortSignal
  /** When the answer arrived; undefined while the lookup is in progress. */
  answeredAt?: number
}

/** Failures are not cached, so a corrected cause takes effect at once. */
export class RecentLookups<T> {
  readonly #byQuestion = new Map<string, Lookup<T>>()
  readonly #now: () => number

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  /** @param signal the signal of `ask`; if another caller's signal aborts the shared lookup, this caller starts its own */
  async find(question: string, ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const known = this.#fresh(question)
    if (!known) return this.#start(question, ask, signal)
    try {
      return await known.result
    } catch (error) {
      if (known.signal.aborted && !signal.aborted) return this.find(question, ask, signal)
      throw error
    }
  }

  #fresh(question: string): Lookup<T> | undefined {
    const now = this.#now()
    for (const [each, { answeredAt }] of this.#byQuestion) {
      if (answeredAt !== undefined && now - answeredAt >= MAX_AGE_MS) this.#byQuestion.delete(each)
    }
    return this.#byQuestion.get(question)
  }

  async #start(question: string, ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const lookup: Lookup<T> = { result: ask(), signal }
    this.#byQuestion.set(question, lookup)
    try {
      const answer = await lookup.result
      lookup.answeredAt = this.#now()
      return answer
    } catch (error) {
      this.#byQuestion.delete(question)
      throw error
    }
  }
}
