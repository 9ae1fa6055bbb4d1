/** Bounds calls to programs that may never answer, and calls silent ones less and less often: `CallLimiter`. */
import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from './clock.ts'

export interface CallLimiterOptions {
  readonly clock: Clock
  /** A number in [0, 1): spreads the calls to addresses that fell silent together. */
  readonly random?: () => number
  /** Calls at once. Default 256. */
  readonly capacity?: number
}

export interface LimitedCall<T> {
  /** What is called: whatever shares a fate shares the name. */
  readonly target: string
  readonly call: () => Promise<T>
  /** Whether the error says that nothing came back in time. Any other error is an answer: it takes no capacity for long. */
  readonly isSilence: (error: unknown) => boolean
  readonly signal: AbortSignal | undefined
}

/** What a limiter shows of itself when metrics are read. */
export interface CallLimiterView {
  /** Calls under way. */
  readonly running: number
  /** Calls that wait for their turn. */
  readonly waiting: number
  /** Targets whose last call was not answered. */
  readonly silent: number
}

/** Nothing came back from the target; `cause` is the error of the last call that was made. */
export class SilentTargetError extends Error {
  override readonly name = 'SilentTargetError'
  /** Since when nothing has come back, milliseconds since the epoch. */
  readonly since: number
  /** A call before that is refused. */
  readonly retryAfterMs: number
  /** False: it was not called, because it was called too short a while ago. */
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
      /** As the clock's `monotonic`. */
      readonly retryAt: number
      readonly error: unknown
    }

interface Waiting {
  readonly isProven: boolean
  readonly begin: () => void
}

const PAUSE = { initialMs: 1_000, maxMs: 60_000, jitter: 0.2 }
/** This share of the capacity at most is for targets that have not answered their last call: the rest is for those that have. */
const UNPROVEN_SHARE = 0.75
/** What was not called for so long is forgotten. */
const FORGET_MS = 600_000

/**
 * Guarantees: no more than `capacity` calls at once; targets that answer never wait for those that do not, except for the
 * share of the capacity that these may use; a target that falls silent is called after a pause that doubles up to a minute,
 * until it answers.
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
   * What the call resolves or rejects with, when it is its turn. Rejects with a SilentTargetError where nothing came back,
   * now or a short while ago, and with the signal's reason when that ends the wait for the turn.
   */
  async run<T>({ target, call, isSilence, signal }: LimitedCall<T>): Promise<T> {
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
      if (isSilence(error)) throw this.#fellSilent(target, error)
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

  #fellSilent(target: string, error: unknown): SilentTargetError {
    const known = this.#targets.get(target)
    const before = known?.kind === 'silent' ? known : undefined
    const failures = (before?.failures ?? 0) + 1
    const since = before?.since ?? this.#clock.now()
    const retryAfterMs = backoffMs(failures - 1, PAUSE, this.#random())
    const at = this.#clock.monotonic()
    this.#sweep(at)
    this.#targets.set(target, { kind: 'silent', at, since, failures, retryAt: at + retryAfterMs, error })
    return new SilentTargetError({ since, retryAfterMs, isCalled: true, cause: error })
  }

  /** Resolves when the call may be made; it is counted then. */
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

  /** In order of arrival, among those that may begin. */
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

  /** Pods come and go, and their addresses with them. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < FORGET_MS) return
    this.#sweptAt = now
    for (const [target, { at }] of this.#targets) if (now - at > FORGET_MS) this.#targets.delete(target)
  }
}
