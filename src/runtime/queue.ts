/** A queue of keys for many workers: `WorkQueue`, with the semantics of client-go's work queue. */
import { backoffMs } from '../lib/backoff.ts'
import type { Clock, Timer } from './clock.ts'

/** The queue's values for metrics. */
export interface QueueView {
  /** Keys that wait for a worker. */
  readonly depth: number
  /** How long the oldest running key has been with its worker, milliseconds; 0 if none runs. */
  readonly longestRunningMs: number
}

export interface QueueMetrics {
  /** Called once; the view is read on each scrape. */
  observe(queue: QueueView): void
  added(): void
  retried(): void
  /** A worker took a key that had waited this long. */
  waited(ms: number): void
  /** A worker finished a key after this long. */
  worked(ms: number): void
}

export interface WorkQueueOptions {
  readonly clock: Clock
  /** A number in [0, 1): jitter for retries. */
  readonly random?: () => number
  readonly metrics?: QueueMetrics
  /** Delay of a key's first retry; it doubles with each further one. Default 250. */
  readonly baseDelayMs?: number
  /** The longest delay. Default 30,000. */
  readonly maxDelayMs?: number
  /** Concurrent keys; unlimited by default. */
  readonly workers?: number
}

/** Why a key is requeued. Each reason has a backoff of its own. */
export type RetryReason = 'wait' | 'conflict' | 'error'

export interface RetryOptions {
  /** Default: `error`. */
  readonly reason?: RetryReason
  /** Instead of the queue's own first delay. */
  readonly baseDelayMs?: number
  /** The shortest delay, which the server asked for. */
  readonly minDelayMs?: number
  /** Instead of the queue's own longest delay. */
  readonly maxDelayMs?: number
}

/** Jitter: up to a tenth of a delay is subtracted, so that keys that failed together are not retried together. */
const JITTER = 0.1

/**
 * Invariants: at most one worker has a key. A key waits in line at most once, however often it is added. A key that is added
 * while a worker has it is handed out once more after `done`. No added key is lost before `shutdown`. At most `workers` keys
 * are in progress, not counting keys whose workers wait outside (`leave`).
 */
export class WorkQueue implements QueueView {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #metrics: QueueMetrics | undefined
  readonly #baseDelayMs: number
  readonly #maxDelayMs: number
  readonly #workers: number
  /** Waiting keys in order, with the time each was added. Disjoint from `#running`. */
  readonly #waiting = new Map<string, number>()
  /** Keys with a worker, with the time each was taken. */
  readonly #running = new Map<string, number>()
  /** Keys added while running, with the time each was added: always a subset of `#running`. */
  readonly #requeued = new Map<string, number>()
  readonly #delayed = new Map<string, { readonly at: number; readonly timer: Timer }>()
  readonly #failures = new Map<string, Map<RetryReason, number>>()
  /** Workers that wait for a key. Empty while keys wait and `#busy` is below its bound. */
  readonly #idle: ((key: string | undefined) => void)[] = []
  /** Workers that wait to return from outside. They precede workers that wait for a key. */
  readonly #returning: (() => void)[] = []
  /** Workers with a key that are not outside. */
  #busy = 0
  readonly #drained = Promise.withResolvers<void>()
  #closed = false

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock
    this.#random = options.random ?? Math.random
    this.#metrics = options.metrics
    this.#baseDelayMs = options.baseDelayMs ?? 250
    this.#maxDelayMs = options.maxDelayMs ?? 30_000
    this.#workers = options.workers ?? Infinity
    this.#metrics?.observe(this)
  }

  get depth(): number {
    return this.#waiting.size
  }

  get longestRunningMs(): number {
    // Insertion order is the order of taking, so the first is the oldest.
    const oldest = this.#running.values().next()
    return oldest.done === true ? 0 : this.#clock.monotonic() - oldest.value
  }

  /** The keys that are with a worker. */
  get running(): readonly string[] {
    return [...this.#running.keys()]
  }

  /** Adds the key to the line, unless it waits already. */
  add(key: string): void {
    if (this.#closed || this.#waiting.has(key) || this.#requeued.has(key)) return
    this.#metrics?.added()
    const now = this.#clock.monotonic()
    if (this.#running.has(key)) {
      this.#requeued.set(key, now)
      return
    }
    this.#waiting.set(key, now)
    this.#handOut()
  }

  /** Adds the key after `ms` milliseconds. Of several pending delays of a key the shortest applies. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return
    const at = this.#clock.monotonic() + ms
    const pending = this.#delayed.get(key)
    if (pending !== undefined) {
      if (pending.at <= at) return
      this.#clock.clearTimeout(pending.timer)
      this.#delayed.delete(key)
    }
    if (ms <= 0) {
      this.add(key)
      return
    }
    const timer = this.#clock.setTimeout(() => {
      this.#delayed.delete(key)
      this.add(key)
    }, ms)
    this.#delayed.set(key, { at, timer })
  }

  /**
   * Adds the key after a delay that doubles with each call for the same reason until `forget`. Returns the delay in
   * milliseconds.
   */
  addRateLimited(key: string, { reason = 'error', ...options }: RetryOptions = {}): number {
    const failures = this.#failures.get(key) ?? new Map<RetryReason, number>()
    const count = failures.get(reason) ?? 0
    if (!this.#closed) this.#failures.set(key, failures.set(reason, count + 1))
    this.#metrics?.retried()
    const { baseDelayMs: initialMs = this.#baseDelayMs, maxDelayMs: maxMs = this.#maxDelayMs, minDelayMs = 0 } = options
    const delay = Math.max(backoffMs(count, { initialMs, maxMs, jitter: JITTER }, this.#random()), minDelayMs)
    this.addAfter(key, delay)
    return delay
  }

  /** Resets the key's backoff for the given reasons, or for all. */
  forget(key: string, reasons?: readonly RetryReason[]): void {
    const failures = this.#failures.get(key)
    if (failures === undefined) return
    for (const reason of reasons ?? [...failures.keys()]) failures.delete(reason)
    if (failures.size === 0) this.#failures.delete(key)
  }

  /**
   * Resolves with the next key when there is one and fewer than `workers` are in progress; with undefined after the shutdown.
   * Each key must be passed to `done`.
   */
  get(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined)
    return new Promise(resolve => {
      this.#idle.push(resolve)
      this.#handOut()
    })
  }

  /** The worker of a key waits for something outside the process. Another key may use its place until `comeBack`. */
  leave(): void {
    this.#busy -= 1
    this.#handOut()
  }

  /** Resolves when the worker that left has a place. */
  comeBack(): Promise<void> {
    return new Promise(resolve => {
      this.#returning.push(resolve)
      this.#handOut()
    })
  }

  /** The worker has finished the key. Throws if no worker has it. */
  done(key: string): void {
    const startedAt = this.#running.get(key)
    if (startedAt === undefined) throw new Error(`done(${key}): expected a key that a worker took, found none`)
    this.#running.delete(key)
    this.#metrics?.worked(this.#clock.monotonic() - startedAt)
    const addedAt = this.#requeued.get(key)
    if (addedAt !== undefined) {
      this.#requeued.delete(key)
      this.#waiting.set(key, addedAt)
    }
    this.#busy -= 1
    this.#handOut()
    if (this.#closed && this.#running.size === 0) this.#drained.resolve()
  }

  /** Hands out no more keys, drops waiting ones, and resolves when every worker has finished. */
  shutdown(): Promise<void> {
    this.#closed = true
    for (const { timer } of this.#delayed.values()) this.#clock.clearTimeout(timer)
    for (const keys of [this.#delayed, this.#waiting, this.#requeued]) keys.clear()
    for (const worker of this.#idle.splice(0)) worker(undefined)
    if (this.#running.size === 0) this.#drained.resolve()
    return this.#drained.promise
  }

  /** Gives free places to returning workers first, then to keys. */
  #handOut(): void {
    while (this.#busy < this.#workers) {
      const returning = this.#returning.shift()
      const next = returning || this.#idle.length === 0 ? undefined : this.#waiting.keys().next().value
      if (!returning && next === undefined) return
      this.#busy += 1
      if (returning) returning()
      else if (next !== undefined) this.#idle.shift()?.(this.#take(next))
    }
  }

  #take(key: string): string {
    const now = this.#clock.monotonic()
    this.#metrics?.waited(now - (this.#waiting.get(key) ?? now))
    this.#waiting.delete(key)
    this.#running.set(key, now)
    return key
  }
}
