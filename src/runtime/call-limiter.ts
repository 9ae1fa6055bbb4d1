/** Limits concurrent calls to programs that may never answer, and backs off from silent ones: `CallLimiter`. */
import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from './clock.ts'

export interface CallLimiterOptions {
  readonly clock: Clock
  /** A number in [0, 1): jitter for calls to targets that became silent together. */
  readonly random?: () => number
  /** Concurrent calls. Default 256. */
  readonly capacity?: number
}

export interface LimitedCall<T> {
  /** Name of the target. Calls that fail together have the same name. */
  readonly target: string
  readonly call: () => Promise<T>
  /** Whether the error is a timeout. Any other error counts as an answer, because it occupies no capacity for long. */
  readonly isSilence: (error: unknown) => boolean
  readonly signal: AbortSignal | undefined
  /** The longest pause between two calls of a silent target, milliseconds. Default: a minute. */
  readonly maxPauseMs?: number | undefined
}

/** The limiter's values for metrics. */
export interface CallLimiterView {
  /** Calls in progress. */
  readonly running: number
  /** Calls that wait for capacity. */
  readonly waiting: number
  /** Targets whose last call got no answer. */
  readonly silent: number
}

/** The target does not answer; `cause` is the error of the last call that was made. */
export class SilentTargetError extends Error {
  override readonly name = 'SilentTargetError'
  /** Since when the target has been silent, milliseconds since the epoch. */
  readonly since: number
  /** Calls before this time are refused. */
  readonly retryAfterMs: number
  /** False if the call was refused because of the backoff. */
  readonly isCalled: boolean

  constructor(details: { since: number; retryAfterMs: number; isCalled: boolean; cause: unknown }) {
    super('no answer', { cause: details.cause })
    this.since = details.since
    this.retryAfterMs = details.retryAfterMs
    this.isCalled = details.isCalled
  }
}

type Target =
  | { readonly kind: 'answered'; readonly at: number }
  | {
      readonly kind: 'silent'
      readonly at: number
      readonly since: number
      readonly failures: number
      /** Monotonic time. */
      readonly retryAt: number
      readonly error: unknown
    }

interface Waiting {
  readonly isProven: boolean
  readonly begin: () => void
}

const PAUSE = { initialMs: 1_000, maxMs: 60_000, jitter: 0.2 }
/** The largest share of the capacity for targets that did not answer their last call. */
const UNPROVEN_SHARE = 0.75
/** Targets that were not called for this long are forgotten. */
const FORGET_MS = 600_000

/**
 * Guarantees: at most `capacity` concurrent calls. Silent targets use at most their share of the capacity; the rest is
 * always available to targets that answer. A silent target is called with a backoff that doubles up to a minute, until it
 * answers.
 */
export class CallLimiter implements CallLimiterView {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #capacity: number
  readonly #targets = new Map<string, Target>()
  readonly #waiting = new Set<Waiting>()
  readonly #running = { proven: 0, unproven: 0 }
  #sweptAt: number

  constructor(options: CallLimiterOptions) {
    this.#clock = options.clock
    this.#random = options.random ?? Math.random
    this.#capacity = options.capacity ?? 256
    this.#sweptAt = this.#clock.monotonic()
  }

  get running(): number {
    return this.#running.proven + this.#running.unproven
  }

  get waiting(): number {
    return this.#waiting.size
  }

  get silent(): number {
    return this.#targets.values().reduce((count, { kind }) => count + (kind === 'silent' ? 1 : 0), 0)
  }

  /**
   * Makes the call when there is capacity, and settles as the call does. Rejects with a SilentTargetError if the target does
   * not answer or is in backoff, and with the signal's reason if that ends the wait for capacity.
   */
  async run<T>({ target, call, isSilence, signal, maxPauseMs }: LimitedCall<T>): Promise<T> {
    signal?.throwIfAborted()
    this.#refuseTooEarly(target)
    const isProven = this.#targets.get(target)?.kind === 'answered'
    await this.#turn(isProven, signal)
    try {
      this.#refuseTooEarly(target)
      const answer = await call()
      this.#targets.set(target, { kind: 'answered', at: this.#clock.monotonic() })
      return answer
    } catch (error) {
      if (error instanceof SilentTargetError || signal?.aborted === true) throw error
      if (isSilence(error)) throw this.#fellSilent(target, error, maxPauseMs)
      this.#targets.set(target, { kind: 'answered', at: this.#clock.monotonic() })
      throw error
    } finally {
      this.#running[isProven ? 'proven' : 'unproven'] -= 1
      this.#begin()
    }
  }

  #refuseTooEarly(target: string): void {
    const known = this.#targets.get(target)
    if (known?.kind !== 'silent') return
    const retryAfterMs = known.retryAt - this.#clock.monotonic()
    if (retryAfterMs <= 0) return
    throw new SilentTargetError({ since: known.since, retryAfterMs, isCalled: false, cause: known.error })
  }

  #fellSilent(target: string, error: unknown, maxMs = PAUSE.maxMs): SilentTargetError {
    const known = this.#targets.get(target)
    const before = known?.kind === 'silent' ? known : undefined
    const failures = (before?.failures ?? 0) + 1
    const since = before?.since ?? this.#clock.now()
    const retryAfterMs = backoffMs(failures - 1, { ...PAUSE, maxMs }, this.#random())
    const at = this.#clock.monotonic()
    this.#sweep(at)
    this.#targets.set(target, { kind: 'silent', at, since, failures, retryAt: at + retryAfterMs, error })
    return new SilentTargetError({ since, retryAfterMs, isCalled: true, cause: error })
  }

  /** Resolves when the call may be made, and counts it. */
  #turn(isProven: boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(waiting)
        reject(signal?.reason)
      }
      const begin = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const waiting: Waiting = { isProven, begin }
      this.#waiting.add(waiting)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#begin()
    })
  }

  /** Starts the waiting calls that may begin, in order of arrival. */
  #begin(): void {
    const unprovenMost = Math.max(1, Math.floor(this.#capacity * UNPROVEN_SHARE))
    for (const waiting of this.#waiting) {
      if (this.running >= this.#capacity) return
      if (!waiting.isProven && this.#running.unproven >= unprovenMost) continue
      this.#waiting.delete(waiting)
      this.#running[waiting.isProven ? 'proven' : 'unproven'] += 1
      waiting.begin()
    }
  }

  /** Without this the map would grow, because each new pod has another address. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < FORGET_MS) return
    this.#sweptAt = now
    for (const [target, { at }] of this.#targets) if (now - at > FORGET_MS) this.#targets.delete(target)
  }
}
