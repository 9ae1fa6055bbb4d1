/** What an error means for the conditions of its object: `failureOf`; `StepFailures` collects those of a reconcile, `FailedReconciles` reports those that end one. */
import { ApiError, isPassing, TransportError } from '../../kube/errors.ts'
import { clip } from '../../lib/clip.ts'
import { unended } from '../../lib/unended.ts'
import type { Clock } from '../../runtime/clock.ts'

/** Of the condition Reconciling. */
export interface Failure {
  readonly reason: 'ApplyRefused' | 'OperatorError'
  readonly message: string
}

/** @param words of the error, with the step in which it came where that is known */
function failureOf(error: Error, words = error.message): Failure {
  return error instanceof ApiError || error instanceof TransportError
    ? {
        reason: 'ApplyRefused',
        message: isPassing(error) ? `${unended(words)}. The operator retries` : refusal(words),
      }
    : {
        reason: 'OperatorError',
        message: `the operator failed: ${unended(words)}. It retries. Correct the value in the error, or report the error`,
      }
}

/** Of an object that is being deleted. */
export function deletionFailure({ reason, message }: Failure): {
  readonly reason: 'DeleteRefused' | 'OperatorError'
  readonly message: string
} {
  return { reason: reason === 'ApplyRefused' ? 'DeleteRefused' : reason, message }
}

/** @param words of the API server */
export function refusal(words: string): string {
  return `${unended(words)}. Correct the cause of the refusal; the operator retries at most every 30 s`
}

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

/** What passes by itself is reported when it has lasted so long. Milliseconds. */
const LASTING_MS = 10_000

/** Of one controller. */
export class FailedReconciles {
  readonly #clock: Clock
  /** By key, when the first of the reconciles began that all failed over what passes by itself. Monotonic milliseconds. */
  readonly #since = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * The result of `reconcile`. Its error is passed on when it is reported, so the key is reconciled again.
   * @param report writes what failed to the status of the object
   */
  async watch<T>(
    key: string,
    reconcile: () => Promise<T>,
    report: (failure: Failure) => Promise<void>,
    signal: AbortSignal,
  ): Promise<T> {
    const begun = this.#clock.monotonic()
    try {
      const result = await reconcile()
      this.#since.delete(key)
      return result
    } catch (error) {
      if (signal.aborted || !(error instanceof Error)) throw error
      if (this.#isDue(key, error, begun)) await report(failureOf(error)).catch(lost => unreported(error, lost))
      throw error
    }
  }

  #isDue(key: string, error: Error, begun: number): boolean {
    if (!isPassing(error)) {
      this.#since.delete(key)
      return !(error instanceof ReportedError)
    }
    // A request without an answer has lasted as long as it was waited for.
    const since = this.#since.get(key) ?? (error instanceof TransportError ? begun : this.#clock.monotonic())
    this.#since.set(key, since)
    return this.#clock.monotonic() - since >= LASTING_MS
  }
}

function unreported(error: Error, cause: unknown): never {
  throw new Error(`${error.message}; the status cannot say so`, { cause })
}
