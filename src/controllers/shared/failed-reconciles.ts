/** Reports an error that ended a reconcile in the status of its object: `FailedReconciles`. */
import { isPassing, TransportError } from '../../kube/errors.ts'
import type { Clock } from '../../runtime/clock.ts'
import { type Failure, failureOf } from './failure.ts'
import { ReportedError } from './step-failures.ts'

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
