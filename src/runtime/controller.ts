/** Calls a reconcile function for keys that changed, many keys at once, one call per key: `Controller`. */
import { ApiError, isConflict } from '../kube/errors.ts'
import type { KubeObject } from '../kube/types.ts'
import { assertNever } from '../lib/assert-never.ts'
import { aborted, type Clock } from './clock.ts'
import { keyOf } from './keys.ts'
import type { Logger } from './log.ts'
import type { ControllerMetrics, Metrics } from './metrics.ts'
import type { Predicate } from './predicates.ts'
import { WorkQueue } from './queue.ts'
import type { Store } from './store.ts'

export interface ReconcileContext {
  /** Aborted when the process can wait no longer, or must not act any more: pass it to every request. */
  readonly signal: AbortSignal
  /** Its lines carry the controller and the key. */
  readonly log: Logger
  /**
   * Waits for what may take long and needs nothing of this process, such as the answer of a program in a pod. Meanwhile
   * another key is worked on in the place of this one, which stays with its one worker.
   */
  readonly outside: Outside
}

export type Outside = <T>(wait: () => Promise<T>) => Promise<T>

/** When to look again if nothing changes before: at the earlier of the two. `{}`: only when something changes. */
export interface ReconcileResult {
  readonly requeueAfterMs?: number
  /** What was waited for is not there yet: after a delay that doubles each time, up to this one. No error. */
  readonly backoffMaxMs?: number
}

/**
 * Makes the world one step more like what the object under `key` asks for; the object may be gone. It is called again
 * with growing delays when it throws, so it throws only what waiting or another's action may mend.
 */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>

export interface ControllerOptions {
  /** Names its metrics and its log lines. */
  readonly name: string
  readonly reconcile: Reconcile
  /** Keys at once, those that wait outside not counted. Default 32. */
  readonly concurrency?: number
  readonly log: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  /** A number in [0, 1): spreads retries. */
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

/** A conflict means that the cache was behind; it has caught up within milliseconds. */
const CONFLICT_DELAY_MS = 20

export class Controller {
  readonly name: string
  readonly #reconcile: Reconcile
  readonly #log: Logger
  readonly #metrics: ControllerMetrics
  readonly #queue: WorkQueue
  /** Subscribes to each watched store; emptied when the controller runs. */
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
   * Reconciles the keys that `map` gives for each object of the store, when the controller begins to run and whenever one
   * changes in a way that `predicate` lets pass: a process that does not lead queues nothing. An update maps both states,
   * so that a key that an object no longer belongs to is looked at too.
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
   * Works until `stop` is aborted, then takes no more keys and resolves when those under way are done. `abandon` cuts
   * that short: it aborts them and waits no more. Runs once.
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

  /** The queue hands out no more keys than may be worked on at once. */
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

  /** For one run. Waits may overlap: the place is given up with the first and taken again after the last. */
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

  /** The whole of the requeue policy. */
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
        // It ran to its end: whatever was in its way before has passed.
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
