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

/** What an elector needs of a `KubeClient`. */
export interface LeaseClient {
  get(resource: Resource<Lease>, key: ObjectKey, options: CallOptions): Promise<Lease | undefined>
  create(resource: Resource<Lease>, lease: Lease, options: CallOptions): Promise<Lease>
  replace(resource: Resource<Lease>, lease: Lease, options: CallOptions): Promise<Lease>
}

export interface LeaderElectorOptions {
  readonly client: LeaseClient
  readonly lease: { readonly namespace: string; readonly name: string }
  /** Unique among all processes that ever compete: see `leaderIdentity`. */
  readonly identity: string
  /** Others take over when the record has not changed for this long. Default 15,000. */
  readonly leaseDurationMs?: number
  /** A leader that could not renew for this long has lost. Default 10,000. */
  readonly renewDeadlineMs?: number
  /** Time between attempts. Default 2,000. */
  readonly retryPeriodMs?: number
  readonly clock: Clock
  /** A number in [0, 1): spreads the attempts of those who wait. */
  readonly random?: () => number
  readonly log: Logger
  readonly onLeading?: (leading: boolean) => void
  /** The lease is older than it was: the cluster was restored from a backup, and whatever was read before may be wrong. */
  readonly onRestored?: () => void
}

/** Processes on one host, and restarts of one process, differ in the UUID. */
export function leaderIdentity(hostname: string, uuid: string): string {
  return `${hostname}_${uuid}`
}

/**
 * The time between attempts of those who wait grows by up to this part of it (client-go's 1.2 would let a leader's last
 * record go unseen for so long that its follower could need more than 20 s).
 */
const JITTER = 0.5

/**
 * Guarantee: two electors whose clocks run at the same rate, whatever time they show, never lead at once, as long as what
 * leads acts only between `acquire` and the end of `hold`. The holder counts from before it sent its last successful
 * renewal and gives up after `renewDeadlineMs`; the others count from after they saw a new record, and wait for the whole
 * of its lease duration. No time that another machine wrote is ever compared with one of this machine.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions
  readonly #leaseDurationMs: number
  readonly #renewDeadlineMs: number
  readonly #retryPeriodMs: number
  /** The lease as last read or written, and the monotonic time at which its record was first seen to be so. */
  #observed: { readonly lease: Lease; readonly at: number } | undefined
  /** Of the lease, as last read or written. */
  #version: string | undefined
  /** Whether a write as the holder was sent since the lease was last released or lost: its answer may be on the way. */
  #mayHold = false
  /** Monotonic time just before the last successful write as the holder was sent. */
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

  /** Resolves when this process leads; rejects with the signal's reason, unless the lease is won already. */
  async acquire(signal: AbortSignal): Promise<void> {
    const { clock, log, random = Math.random, identity } = this.#options
    const lease = this.#name()
    log.info({ lease, identity }, 'waiting to lead')
    for (;;) {
      signal.throwIfAborted()
      await this.#attempt(signal, clock.monotonic() + this.#renewDeadlineMs)
      // An answer that comes so late that the term it won may be over wins nothing.
      if (this.#holder() === identity && clock.monotonic() < this.#renewBy) break
      await sleep(this.#pauseMs(random()), signal, clock)
    }
    this.#lead(true)
    log.info({ lease, identity }, 'leading')
  }

  /** Renews for as long as it can: resolves with `stopped` when the signal is aborted, with `lost` when others may lead. */
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
    // What this process began may still go on: the others are to wait for the whole term.
    this.#mayHold = false
    log.error({ lease: this.#name(), holder: this.#holder() }, 'leadership lost')
    return 'lost'
  }

  /**
   * Lets another process lead at once, also where this one was stopped before it knew that it had won. Does nothing where
   * the lease cannot be this one's, or was lost; never rejects.
   */
  async release(): Promise<void> {
    if (!this.#mayHold) return
    this.#mayHold = false
    const { clock, log, client, lease, identity } = this.#options
    if (this.#leading) this.#lead(false)
    const never = new AbortController().signal
    const deadline = clock.monotonic() + this.#renewDeadlineMs / 2
    try {
      // The answer to the last renewal may have been lost: only the server knows which version to replace.
      const current = await this.#bounded(never, deadline, signal => client.get(leases, lease, { signal }))
      if (current === undefined || holderOf(current) !== identity) return
      const released = releasedRecord(current, microTime(clock.now()))
      await this.#bounded(never, deadline, signal => client.replace(leases, released, { signal }))
      log.info({ lease: this.#name() }, 'leadership released')
    } catch (error) {
      log.warn({ err: error, lease: this.#name() }, 'lease not released: others must wait until it expires')
    }
  }

  /** Tries once, until the deadline (monotonic) at most, to become or stay the holder. Whatever fails is logged. */
  async #attempt(signal: AbortSignal, deadline: number): Promise<void> {
    const { log } = this.#options
    try {
      const isRenewed = this.#leading && (await this.#renew(signal, deadline))
      if (!isRenewed) await this.#contend(signal, deadline)
    } catch (error) {
      if (signal.aborted) return
      // Not where its namespace is missing, which is a 404 too: that stays so.
      if (isConflict(error) || isAlreadyExists(error)) log.debug({ lease: this.#name() }, 'another process was faster')
      else log.warn({ err: error, lease: this.#name() }, 'lease not read or written')
    }
  }

  /** Renews what was last written, unread. False where the server knows better. */
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

  /** Reads the lease, and takes or keeps it where nobody else holds it. */
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

  /** Versions go back only where the whole cluster does. */
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

  /** Until the next attempt of one who waits: not beyond the moment at which a leader that died meanwhile can be followed. */
  #pauseMs(random: number): number {
    const retryMs = this.#retryPeriodMs * (1 + JITTER * random)
    const { lease, at } = this.#observed ?? {}
    const untilExpiryMs =
      lease === undefined || at === undefined ? 0 : at + termMs(lease) - this.#options.clock.monotonic()
    return untilExpiryMs > 0 ? Math.min(retryMs, untilExpiryMs) : retryMs
  }

  /** Monotonic time from which on others must be expected to lead. */
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

  /** Gives up on a request at the deadline, or after half a renew deadline, even where it ignores its signal. */
  async #bounded<R>(signal: AbortSignal, deadline: number, request: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const { clock } = this.#options
    const limitMs = Math.min(deadline - clock.monotonic(), this.#renewDeadlineMs / 2)
    if (limitMs <= 0) throw new Error('the deadline has passed')
    return withDeadline({ ms: limitMs, clock, signal }, request)
  }
}

/** The lease is not as it was last seen: it is gone, has changed, or exists already. */
function isRefused(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 409)
}
