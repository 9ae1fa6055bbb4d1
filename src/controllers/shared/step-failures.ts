/** Keeps the error of one step from hiding what the others found: `StepFailures`. */
import { isPassing } from '../../kube/errors.ts'
import { clip } from '../../lib/clip.ts'
import { type Failure, failureOf } from './failure.ts'

const SHOWN = 2000

/** A reconcile whose status, which was written, says what failed. */
export class ReportedError extends Error {
  override readonly name = 'ReportedError'
}

/** Only what passes by itself (`isPassing`) and an abort end the reconcile. */
export class StepFailures {
  readonly #signal: AbortSignal
  readonly #found: { readonly step: string; readonly error: Error }[] = []

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** What `work` gives, or `instead` where it fails. */
  async run<T>(step: string, work: () => T | Promise<T>, instead: (error: Error) => T): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Error) || isPassing(error) || this.#signal.aborted) throw error
      this.#found.push({ step, error })
      return instead(error)
    }
  }

  /** For a condition; undefined where no step failed. */
  get failure(): Failure | undefined {
    const [first] = this.#found
    const steps = this.#found.map(({ step, error }) => `${step}: ${clip(error.message, SHOWN)}`)
    return first && failureOf(first.error, steps.join('; '))
  }

  /** The first error, for whoever logs and repeats; nothing where no step failed. */
  throwFirst(): void {
    const [first] = this.#found
    if (first) throw new ReportedError(`${first.step} failed`, { cause: first.error })
  }
}
