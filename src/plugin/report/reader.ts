/** Reads what may be read, and remembers the rest with the reason: `ReportReader`. */
import { explain } from '../explain.ts'

export class ReportReader {
  readonly #signal: AbortSignal
  readonly #missing = new Set<string>()

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** One sentence each. */
  get missing(): readonly string[] {
    return [...this.#missing]
  }

  note(reason: string): void {
    this.#missing.add(reason)
  }

  /** Undefined where the answer is an error, which is noted. Rejects only after Ctrl-C. */
  async read<T>(what: string, answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer
    } catch (error) {
      if (this.#signal.aborted) throw error
      this.note(`${what}: ${explain(error, undefined)}`)
      return undefined
    }
  }
}
