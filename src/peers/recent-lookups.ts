/** Spares repeated questions: `RecentLookups` shares an answer among all who ask the same within a short time. */

/** Hundreds of nodes with the same peers may be bootstrapped at once; a new peer is no news half a minute later. */
const MAX_AGE_MS = 30_000

interface Lookup<T> {
  readonly result: Promise<T>
  readonly signal: AbortSignal
  /** When it was answered; undefined while it is under way. */
  answeredAt?: number
}

/** Failures are not kept: whoever has mended the cause asks again at once. */
export class RecentLookups<T> {
  readonly #byQuestion = new Map<string, Lookup<T>>()
  readonly #now: () => number

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  /** @param signal that under which `ask` runs; another asker's abort does not spoil this one's answer */
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
