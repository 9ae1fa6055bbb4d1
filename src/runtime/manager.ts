/** Starts and stops the parts of an operator in a safe order: `Manager.run`. */
import type { RequestListener } from 'node:http'
import { aborted, type Clock, withDeadline } from './clock.ts'
import { healthHandler } from './health.ts'
import type { Logger } from './log.ts'
import { metricsHandler } from './metrics-handler.ts'
import type { Metrics } from './metrics.ts'
import type { ScrapeGuard } from './scrape-guard.ts'
import type { BindAddress, BoundServer } from './server.ts'
import { listen } from './server.ts'
import type { ServingCertificate } from './serving-certificate.ts'

/** The methods of an `Informer` that the manager uses. */
export interface ManagedInformer {
  readonly resource: { readonly plural: string }
  readonly hasSynced: boolean
  readonly synced: Promise<void>
  run(signal: AbortSignal): Promise<void>
}

/** The methods of a `Controller` that the manager uses. */
export interface ManagedController {
  run(stop: AbortSignal, abandon: AbortSignal): Promise<void>
}

/** The methods of a `LeaderElector` that the manager uses. */
export interface ManagedElection {
  acquire(signal: AbortSignal): Promise<void>
  hold(signal: AbortSignal): Promise<'stopped' | 'lost'>
  release(): Promise<void>
}

/** The methods of an `EventRecorder` that the manager uses. */
export interface ManagedEvents {
  flush(timeoutMs: number): Promise<void>
  stop(): void
}

/** Access control and TLS of the metrics server. */
export interface MetricsSecurity {
  readonly certificate: ServingCertificate
  readonly guard: Pick<ScrapeGuard, 'authorize'>
}

export interface ManagerOptions {
  readonly informers: readonly ManagedInformer[]
  readonly controllers: readonly ManagedController[]
  readonly events?: ManagedEvents
  /** Absent: no leader election; this must be the only process. */
  readonly leaderElection?: ManagedElection
  readonly metrics: Metrics
  /** Undefined: no server. */
  readonly healthBindAddress: BindAddress | undefined
  /** Undefined: no server. */
  readonly metricsBindAddress: BindAddress | undefined
  /** Absent: metrics are served by plain HTTP without authorization. */
  readonly metricsSecurity?: MetricsSecurity | undefined
  /** Grace period for reconciles in progress after the signal. Default 20,000. */
  readonly drainTimeoutMs?: number
  readonly log: Logger
  readonly clock: Clock
}

/** Another process may lead: this one must stop acting and exit. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError'

  constructor() {
    super('leadership lost: the lease could not be renewed in time, or another process holds it')
  }
}

/** Events that are not posted within this time are lost. */
const FLUSH_TIMEOUT_MS = 3000

/**
 * Start: servers, informers (on every replica, so that a new leader is quick), leadership, all caches synced, controllers.
 * Controllers start only with complete caches, because absence from an incomplete one looks like deletion.
 * Stop: no new keys, reconciles in progress (bounded), events, lease, informers, servers. The lease is released after the last
 * reconcile, so that no reconcile overlaps with the next leader's.
 */
export class Manager {
  readonly #options: ManagerOptions
  #health: BoundServer | undefined
  #metrics: BoundServer | undefined
  #stopping = false

  constructor(options: ManagerOptions) {
    this.#options = options
  }

  /** The port of the health server, once it listens. */
  get healthPort(): number | undefined {
    return this.#health?.port
  }

  /** The port of the metrics server, once it listens. */
  get metricsPort(): number | undefined {
    return this.#metrics?.port
  }

  /**
   * Runs once. Resolves after an orderly stop when `signal` is aborted. Rejects with `LeadershipLostError`, or if a server
   * cannot listen. Waits for an API server that is unreachable.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { informers, log } = this.#options
    const [life, end] = [new Lifetime(signal), new AbortController()]
    try {
      await this.#listen()
      const running = informers.map(informer => informer.run(end.signal).catch((error: unknown) => life.fail(error)))
      await this.#lead(life).catch(life.fail)
      end.abort()
      await Promise.all(running)
    } finally {
      await Promise.all([this.#health?.close(), this.#metrics?.close()])
    }
    if (life.failure !== undefined) throw life.failure
    log.info({}, 'stopped')
  }

  async #listen(): Promise<void> {
    const { metrics, healthBindAddress, metricsBindAddress, metricsSecurity, log } = this.#options
    const checks = { healthz: { ping: () => undefined }, readyz: { caches: () => this.#unready() } }
    this.#health = await listenWhere(healthBindAddress, healthHandler(checks))
    const metricsPage = metricsHandler(metrics.registry, metricsSecurity?.guard)
    this.#metrics = await listenWhere(metricsBindAddress, metricsPage, metricsSecurity?.certificate)
    log.info({ healthPort: this.healthPort, metricsPort: this.metricsPort }, 'listening')
  }

  /** Why this process is not ready. */
  #unready(): string | undefined {
    if (this.#stopping) return 'stopping'
    const waiting = this.#options.informers.filter(({ hasSynced }) => !hasSynced)
    return waiting.length === 0 ? undefined : `not synced: ${waiting.map(({ resource }) => resource.plural).join(', ')}`
  }

  /** Runs the controllers while leading; returns when all work of this process has ended. */
  async #lead(life: Lifetime): Promise<void> {
    const { leaderElection, events } = this.#options
    const enough = new AbortController()
    const isLeader = (await leaderElection?.acquire(life.stop).then(() => true, life.failUnlessStopped)) ?? true
    if (!isLeader) {
      // The elector may have just won.
      await leaderElection?.release()
      return
    }
    const held = leaderElection
      ?.hold(enough.signal)
      .then(end => (end === 'lost' ? life.fail(new LeadershipLostError()) : undefined), life.fail)
    await this.#control(life)
    if (life.failure === undefined) await events?.flush(FLUSH_TIMEOUT_MS)
    events?.stop()
    enough.abort()
    await held
    await leaderElection?.release()
  }

  async #control(life: Lifetime): Promise<void> {
    const { informers, controllers, clock, log, drainTimeoutMs = 20_000 } = this.#options
    const startedAt = clock.monotonic()
    await Promise.race([Promise.all(informers.map(({ synced }) => synced)), aborted(life.stop)])
    if (!life.stop.aborted) {
      log.info({ caches: informers.length, waitedMs: Math.round(clock.monotonic() - startedAt) }, 'caches synced')
    }
    const running = life.stop.aborted ? [] : controllers.map(controller => controller.run(life.stop, life.abandoned))
    const finished = Promise.all(running).then(() => undefined, life.fail)
    await Promise.race([finished, aborted(life.stop)])
    this.#stopping = true
    log.info({}, 'stopping')
    await withDeadline({ ms: drainTimeoutMs, clock }, () => finished).catch(life.abandon)
    await finished
  }
}

async function listenWhere(
  address: BindAddress | undefined,
  handler: RequestListener,
  certificate?: ServingCertificate,
): Promise<BoundServer | undefined> {
  return address && listen(address, handler, certificate)
}

/** The two signals of a stop, in order, and the error that caused it. */
class Lifetime {
  /** The error that ended the run; undefined if its signal did. */
  failure: unknown
  /** Aborted: start nothing new. */
  readonly stop: AbortSignal
  readonly #failed = new AbortController()
  readonly #abandon = new AbortController()

  constructor(signal: AbortSignal) {
    this.stop = AbortSignal.any([signal, this.#failed.signal])
  }

  /** Aborted: do not wait for anything in progress. */
  get abandoned(): AbortSignal {
    return this.#abandon.signal
  }

  readonly abandon = (): void => {
    this.#abandon.abort(new Error('stopping: no time left'))
  }

  /** Aborts both signals. */
  readonly fail = (error: unknown): void => {
    this.failure ??= error
    this.#abandon.abort(error)
    this.#failed.abort(error)
  }

  /** A promise that rejects on the stop, to end waits. */
  readonly failUnlessStopped = (error: unknown): false => {
    if (!this.stop.aborted) this.fail(error)
    return false
  }
}
