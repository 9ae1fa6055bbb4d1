/** One leader among several processes, by a Lease and client-go's rules: `LeaderElector`. */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import type { CallOptions } from '../kube/client.ts'
import { ApiError, isAlreadyExists, isConflict } from '../kube/errors.ts'
import { leases } from '../kube/resources.ts'
import type { ObjectKey, Resource } from '../kube/types.ts'
import type { Clock } from './clock.ts'
import { microTime, sleep, withDeadline } from './clock.ts'
import { firstRecord, holderOf, isSameRecord, releasedRecord, takenRecord, termMs } from './lease-record.ts'
import type { Logger } from './log.ts'
import { compareResourceVersions } from './store.ts'

/** The methods of a `KubeClient` that an elector uses. */
export interface LeaseClient {
  get(resource: Resource<Lease>, key: ObjectKey, options: CallOptions): Promise<Lease | undefined>
  create(resource: Resource<Lease>, lease: Lease, options: CallOptions): Promise<Lease>
  replace(resource: Resource<Lease>, lease: Lease, options: CallOptions): Promise<Lease>
}

export interface LeaderElectorOptions {
  readonly client: LeaseClient
  readonly lease: { readonly namespace: string; readonly name: string }
  /** Unique among all processes that ever take part: see `leaderIdentity`. */
  readonly identity: string
  /** Others take over if the record does not change for this long. Default 15,000. */
  readonly leaseDurationMs?: number
  /** A leader that cannot renew for this long loses the lease. Default 10,000. */
  readonly renewDeadlineMs?: number
  /** Time between attempts. Default 2,000. */
  readonly retryPeriodMs?: number
  readonly clock: Clock
  /** A number in [0, 1): jitter for the attempts of followers. */
  readonly random?: () => number
  readonly log: Logger
  readonly onLeading?: (leading: boolean) => void
  /** Called when the lease is older than before: the cluster was restored from a backup, and caches may be wrong. */
  readonly onRestored?: () => void
}

/** The UUID distinguishes processes on one host and restarts of one process. */
export function leaderIdentity(hostname: string, uuid: string): string {
  return `${hostname}_${uuid}`
}

/**
 * The largest jitter of the time between a follower's attempts, as a share of it. With client-go's 1.2 a follower might see
 * a leader's last record so late that it needs more than 20 s to take over.
 */
const JITTER = 0.5

/**
 * Guarantee: two electors never lead at the same time, if their clocks run at the same rate and a leader acts only between
 * `acquire` and the end of `hold`. The holder measures from before it sent its last successful renewal, and gives up after
 * `renewDeadlineMs`. The others measure from after they saw a new record, and wait for its whole lease duration. A time
 * written by another machine is never compared with the local clock.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions
  readonly #leaseDurationMs: number
  readonly #renewDeadlineMs: number
  readonly #retryPeriodMs: number
  /** The lease as last read or written, and the monotonic time at which this record was first observed. */
  #observed: { readonly lease: Lease; readonly at: number } | undefined
  /** resourceVersion of the lease as last read or written. */
  #version: string | undefined
  /** Whether a write as the holder was sent since the last release or loss of the lease. Its answer may be outstanding. */
  #mayHold = false
  /** Monotonic time just before the last successful write as the holder. */
  #renewedAt = -Infinity
  #leading = false

  /** Throws unless lease duration > renew deadline > 1.5 x retry period. */
  constructor(options: LeaderElectorOptions) {
    this.#options = options
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000
    this.#retryPeriodMs = options.retryPeriodMs ?? 2000
    if (this.#leaseDurationMs <= this.#renewDeadlineMs || this.#renewDeadlineMs <= this.#retryPeriodMs * (1 + JITTER)) {
      throw new Error(
        `leader election: expected lease duration > renew deadline > ${1 + JITTER} x retry period, ` +
          `found ${this.#leaseDurationMs}, ${this.#renewDeadlineMs} and ${this.#retryPeriodMs} ms`,
      )
    }
  }

  get leading(): boolean {
    return this.#leading
  }

  /** Resolves when this process leads; rejects with the signal's reason, unless it has won the lease already. */
  async acquire(signal: AbortSignal): Promise<void> {
    const { clock, log, random = Math.random, identity } = this.#options
    const lease = this.#name()
    log.info({ lease, identity }, 'waiting to lead')
    for (;;) {
      signal.throwIfAborted()
      await this.#attempt(signal, clock.monotonic() + this.#renewDeadlineMs)
      // If the answer is so late that the term may have ended, the lease is not won.
      if (this.#holder() === identity && clock.monotonic() < this.#renewBy) break
      await sleep(this.#pauseMs(random()), signal, clock)
    }
    this.#lead(true)
    log.info({ lease, identity }, 'leading')
  }

  /** Renews the lease: resolves with `stopped` when the signal is aborted, with `lost` when others may lead. */
  async hold(signal: AbortSignal): Promise<'stopped' | 'lost'> {
    const { clock, log, identity } = this.#options
    while (this.#holder() === identity && clock.monotonic() < this.#renewBy) {
      const pauseMs = Math.min(this.#retryPeriodMs, this.#renewBy - clock.monotonic())
      await sleep(pauseMs, signal, clock).catch(() => {})
      if (signal.aborted) return 'stopped'
      await this.#attempt(signal, this.#renewBy)
      if (signal.aborted) return 'stopped'
    }
    this.#lead(false)
    // Reconciles of this process may still run, so the others must wait for the whole term.
    this.#mayHold = false
    log.error({ lease: this.#name(), holder: this.#holder() }, 'leadership lost')
    return 'lost'
  }

  /**
   * Releases the lease, so that another process can lead at once; also if this process was stopped before it learned that it
   * had won. Does nothing if the lease is lost or was never this process's. Never rejects.
   */
  async release(): Promise<void> {
    if (!this.#mayHold) return
    this.#mayHold = false
    const { clock, log, client, lease, identity } = this.#options
    if (this.#leading) this.#lead(false)
    const never = new AbortController().signal
    const deadline = clock.monotonic() + this.#renewDeadlineMs / 2
    try {
      // The answer to the last renewal may be lost, so read which version to replace.
      const current = await this.#bounded(never, deadline, signal => client.get(leases, lease, { signal }))
      if (current === undefined || holderOf(current) !== identity) return
      const released = releasedRecord(current, microTime(clock.now()))
      await this.#bounded(never, deadline, signal => client.replace(leases, released, { signal }))
      log.info({ lease: this.#name() }, 'leadership released')
    } catch (error) {
      log.warn({ err: error, lease: this.#name() }, 'lease not released: others must wait until it expires')
    }
  }

  /** Tries once to become or stay the holder, until the deadline (monotonic). Logs failures. */
  async #attempt(signal: AbortSignal, deadline: number): Promise<void> {
    const { log } = this.#options
    try {
      const isRenewed = this.#leading && (await this.#renew(signal, deadline))
      if (!isRenewed) await this.#contend(signal, deadline)
    } catch (error) {
      if (signal.aborted) return
      // A missing namespace is a 404 too, and is permanent.
      if (isConflict(error) || isAlreadyExists(error)) log.debug({ lease: this.#name() }, 'another process was faster')
      else log.warn({ err: error, lease: this.#name() }, 'lease not read or written')
    }
  }

  /** Renews the last written record without a read. False if the record has changed on the server. */
  async #renew(signal: AbortSignal, deadline: number): Promise<boolean> {
    const lease = this.#observed?.lease
    if (lease === undefined || this.#holder() !== this.#options.identity) return false
    try {
      await this.#take(lease, signal, deadline)
      return true
    } catch (error) {
      if (isRefused(error)) return false
      throw error
    }
  }

  /** Reads the lease, and takes or keeps it if nobody else holds it. */
  async #contend(signal: AbortSignal, deadline: number): Promise<void> {
    const { clock, client, lease: key, identity } = this.#options
    const current = await this.#bounded(signal, deadline, until => client.get(leases, key, { signal: until }))
    if (current !== undefined) {
      this.#note(current)
      const seen = this.#observed
      const at = seen !== undefined && isSameRecord(seen.lease, current) ? seen.at : clock.monotonic()
      this.#observed = { lease: current, at }
      const holder = holderOf(current)
      if (holder !== undefined && holder !== identity && clock.monotonic() < at + termMs(current)) return
    }
    await this.#take(current, signal, deadline)
  }

  async #take(lease: Lease | undefined, signal: AbortSignal, deadline: number): Promise<void> {
    const { clock, client, lease: key, identity } = this.#options
    const candidate = { identity, leaseDurationMs: this.#leaseDurationMs }
    const time = microTime(clock.now())
    const sentAt = clock.monotonic()
    this.#mayHold = true
    const written = await this.#bounded(signal, deadline, until =>
      lease === undefined
        ? client.create(leases, firstRecord(key, candidate, time), { signal: until })
        : client.replace(leases, takenRecord(lease, candidate, time), { signal: until }),
    )
    this.#note(written)
    this.#observed = { lease: written, at: sentAt }
    this.#renewedAt = sentAt
  }

  /** A resourceVersion decreases only if the cluster is restored from a backup. */
  #note({ metadata }: Lease): void {
    const [before, now] = [this.#version, metadata?.resourceVersion]
    this.#version = now
    if (before === undefined || now === undefined || compareResourceVersions(now, before) >= 0) return
    const { log, onRestored } = this.#options
    log.warn(
      { lease: this.#name(), resourceVersion: now, before },
      'the lease has an older version than before, as after a restore of etcd: all objects are listed again',
    )
    onRestored?.()
  }

  /** A follower's wait until its next attempt, at most until a dead leader's term ends. */
  #pauseMs(random: number): number {
    const retryMs = this.#retryPeriodMs * (1 + JITTER * random)
    const { lease, at } = this.#observed ?? {}
    const untilExpiryMs =
      lease === undefined || at === undefined ? 0 : at + termMs(lease) - this.#options.clock.monotonic()
    return untilExpiryMs > 0 ? Math.min(retryMs, untilExpiryMs) : retryMs
  }

  /** Monotonic time from which others may lead. */
  get #renewBy(): number {
    return this.#renewedAt + this.#renewDeadlineMs
  }

  #holder(): string | undefined {
    return this.#observed && holderOf(this.#observed.lease)
  }

  #name(): string {
    return `${this.#options.lease.namespace}/${this.#options.lease.name}`
  }

  #lead(leading: boolean): void {
    this.#leading = leading
    this.#options.onLeading?.(leading)
  }

  /** Ends a request at the deadline or after half a renew deadline, even if it ignores its signal. */
  async #bounded<R>(signal: AbortSignal, deadline: number, request: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const { clock } = this.#options
    const limitMs = Math.min(deadline - clock.monotonic(), this.#renewDeadlineMs / 2)
    if (limitMs <= 0) throw new Error('the deadline has passed')
    return withDeadline({ ms: limitMs, clock, signal }, request)
  }
}

/** The lease differs from the last read: it is deleted, changed, or exists already. */
function isRefused(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 409)
}
