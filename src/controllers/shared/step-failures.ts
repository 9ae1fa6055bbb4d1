/** Keeps an unforeseen error of one step from hiding what the others found: `StepFailures`. */
import { clip } from '../../lib/clip.ts'

const SHOWN = 2000

/**
 * Only what a program throws over a value that it cannot work with, a TypeError or a RangeError, is kept: errors of the API
 * server, conflicts and aborts end the reconcile as ever.
 */
export class StepFailures {
  readonly #found: { readonly step: string; readonly error: Error }[] = []

  /** What `work` gives, or `instead` where it fails. */
  async run<T>(step: string, work: () => T | Promise<T>, instead: (error: Error) => T): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isUnforeseen(error)) throw error
      this.#found.push({ step, error })
      return instead(error)
    }
  }

  /** For a condition; undefined where no step failed. */
  get message(): string | undefined {
    if (this.#found.length === 0) return undefined
    const steps = this.#found.map(({ step, error }) => `${step}: ${clip(error.message, SHOWN)}`)
    return `the operator failed: ${steps.join('; ')}. It tries again; correct the value that this is about, or report the error`
  }

  /** The first error, for whoever logs and repeats; nothing where no step failed. */
  throwFirst(): void {
    const [first] = this.#found
    if (first) throw new Error(`${first.step} failed`, { cause: first.error })
  }
}

function isUnforeseen(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError
}
