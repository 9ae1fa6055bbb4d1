/** Reconciles keys that changed, many keys concurrently but each key once at a time: `Controller`. */
import { ApiError, isConflict } from '../kube/errors.ts'
import type { KubeObject } from '../kube/types.ts'
import { assertNever } from '../lib/assert-never.ts'
import { aborted, type Clock } from './clock.ts'
import { keyOf } from './object-key.ts'
import type { Logger } from './log.ts'
import type { ControllerMetrics, Metrics } from './metrics.ts'
import type { Predicate } from './predicates.ts'
import { WorkQueue } from './queue.ts'
import type { Store } from './store.ts'

export interface ReconcileContext {
  /** Aborted when the grace period of the stop ends or the process no longer leads: pass it to every request. */
  readonly signal: AbortSignal
  /** Its lines carry the controller and the key. */
  readonly log: Logger
  /**
   * Waits for something slow outside the process, such as the answer of a program in a pod. Meanwhile another key is
   * reconciled in this one's place; this key is still with its one worker.
   */
  readonly outside: Outside
}

export type Outside = <T>(wait: () => Promise<T>) => Promise<T>

/** When to reconcile again without a watch event: at the earlier of the two. `{}`: only after an event. */
export interface ReconcileResult {
  readonly requeueAfterMs?: number
  /** A dependency is not ready, which is no error: requeue with a backoff that doubles up to this delay. */
  readonly backoffMaxMs?: number
}

/**
 * Brings the cluster one step closer to the desired state of the object `key`, which may not exist. A throw requeues the key
 * with backoff, so only errors that time or somebody else may correct are thrown.
 */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>

export interface ControllerOptions {
  /** Name in metrics and logs. */
  readonly name: string
  readonly reconcile: Reconcile
  /** Concurrent keys, without those that wait outside the process. Default 32. */
  readonly concurrency?: number
  readonly log: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  /** A number in [0, 1): jitter for retries. */
  readonly random?: () => number
}

/** Maps an object to the keys to reconcile when it changes. */
export type MapFunction<T extends KubeObject> = (object: Readonly<T>) => readonly string[]

type Outcome =
  | { readonly kind: 'settled' }
  | { readonly kind: 'look-again'; readonly ms: number }
  | { readonly kind: 'waiting'; readonly maxMs: number; readonly latestMs: number | undefined }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'abandoned' }

/** A conflict means that the cache was stale, usually for only some milliseconds. */
const CONFLICT_DELAY_MS = 20

export class Controller {
  readonly name: string
  readonly #reconcile: Reconcile
  readonly #log: Logger
  readonly #metrics: ControllerMetrics
  readonly #queue: WorkQueue
  /** Subscriptions to the watched stores; emptied when the controller runs. */
  #pending: (() => void)[] | undefined = []

  constructor(options: ControllerOptions) {
    this.name = options.name
    this.#reconcile = options.reconcile
    this.#log = options.log.child({ controller: options.name })
    this.#metrics = options.metrics.controller(options.name)
    this.#queue = new WorkQueue({
      clock: options.clock,
      metrics: options.metrics.queue(options.name),
      workers: options.concurrency ?? 32,
      ...(options.random !== undefined && { random: options.random }),
    })
  }

  /**
   * Reconciles the keys that `map` returns for the store's objects: for all when the controller starts to run, and for each
   * change that `predicate` accepts. A process that does not lead queues nothing. An update maps both states, so that a key
   * to which an object no longer belongs is reconciled too.
   */
  watch<T extends KubeObject>(
    source: { readonly store: Store<T> },
    map: MapFunction<T>,
    predicate: Predicate<T> = () => true,
  ): void {
    const subscribe = (): void => {
      source.store.subscribe(change => {
        try {
          if (!predicate(change)) return
          for (const key of map(change.object)) this.#queue.add(key)
          if (change.type !== 'updated') return
          for (const key of map(change.previous)) this.#queue.add(key)
        } catch (error) {
          this.#log.error({ err: error, object: keyOf(change.object) }, 'change not mapped to keys')
        }
      })
    }
    if (this.#pending) this.#pending.push(subscribe)
    else subscribe()
  }

  /** Reconciles the key as soon as a worker is free. */
  enqueue(key: string): void {
    this.#queue.add(key)
  }

  /**
   * Runs once, until `stop` is aborted. Then it starts no more reconciles and resolves when those in progress have ended.
   * `abandon` aborts them and ends the wait.
   */
  async run(stop: AbortSignal, abandon: AbortSignal): Promise<void> {
    const watches = this.#pending ?? []
    this.#pending = undefined
    const working = this.#work(abandon)
    for (const subscribe of watches) subscribe()
    await Promise.race([aborted(stop), aborted(abandon)])
    const drained = this.#queue.shutdown()
    await Promise.race([drained, aborted(abandon)])
    const { running } = this.#queue
    if (running.length > 0) this.#log.warn({ keys: running }, 'stopped while reconciling')
    else await working
  }

  /** The queue limits the concurrency. */
  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      void this.#workOn(key, signal)
    }
  }

  async #workOn(key: string, signal: AbortSignal): Promise<void> {
    const log = this.#log.child({ key })
    this.#settle(key, await this.#outcomeOf(key, { signal, log, outside: this.#outside() }), log)
    this.#queue.done(key)
  }

  /** For one run. Waits may overlap: the first gives up the key's place, and the last takes one again. */
  #outside(): Outside {
    let waits = 0
    return async wait => {
      if (waits++ === 0) this.#queue.leave()
      try {
        return await wait()
      } finally {
        if (--waits === 0) await this.#queue.comeBack()
      }
    }
  }

  async #outcomeOf(key: string, context: ReconcileContext): Promise<Outcome> {
    try {
      const result = await this.#reconcile(key, context)
      for (const [name, ms] of Object.entries(result)) {
        if (Number.isNaN(ms)) throw new Error(`reconcile ${key}: expected ${name}, found NaN`)
      }
      const { requeueAfterMs, backoffMaxMs } = result
      if (backoffMaxMs !== undefined) return { kind: 'waiting', maxMs: backoffMaxMs, latestMs: requeueAfterMs }
      return requeueAfterMs === undefined ? { kind: 'settled' } : { kind: 'look-again', ms: requeueAfterMs }
    } catch (error) {
      if (context.signal.aborted) return { kind: 'abandoned' }
      return findCause(error, isConflict) === undefined ? { kind: 'failed', error } : { kind: 'conflict' }
    }
  }

  /** The whole requeue policy. */
  #settle(key: string, outcome: Outcome, log: Logger): void {
    switch (outcome.kind) {
      case 'settled':
        this.#queue.forget(key)
        this.#metrics.reconciled('success')
        return
      case 'look-again':
        this.#queue.forget(key)
        this.#queue.addAfter(key, outcome.ms)
        this.#metrics.reconciled('requeue_after')
        return
      case 'waiting':
        // The reconcile succeeded: earlier conflicts and errors are over.
        this.#queue.forget(key, ['conflict', 'error'])
        this.#queue.addRateLimited(key, { reason: 'wait', maxDelayMs: outcome.maxMs })
        if (outcome.latestMs !== undefined) this.#queue.addAfter(key, outcome.latestMs)
        this.#metrics.reconciled('backoff')
        return
      case 'conflict': {
        const retryMs = this.#queue.addRateLimited(key, { reason: 'conflict', baseDelayMs: CONFLICT_DELAY_MS })
        this.#metrics.reconciled('conflict')
        log.debug({ retryMs }, 'the object had changed meanwhile')
        return
      }
      case 'failed': {
        const asked = findCause(outcome.error, isApiError)?.retryAfterMs ?? 0
        const retryMs = this.#queue.addRateLimited(key, { reason: 'error', minDelayMs: asked })
        this.#metrics.reconciled('error')
        log.error({ err: outcome.error, retryMs: Math.round(retryMs) }, 'reconcile failed')
        return
      }
      case 'abandoned':
        log.debug({}, 'reconcile abandoned')
        return
      default:
        assertNever(outcome)
    }
  }
}

function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError
}

/** The first error that matches among the error and its causes. */
function findCause<E>(error: unknown, matches: (error: unknown) => error is E): E | undefined {
  for (let cause = error; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
    if (matches(cause)) return cause
  }
  return undefined
}
