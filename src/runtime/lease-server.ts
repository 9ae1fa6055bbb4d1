/** A fake API server with one lease, and links to it that fail, for tests of leader election. */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import { assertNever } from '../lib/assert-never.ts'
import type { LeaderElectorOptions, LeaseClient } from './leader-election.ts'
import { LeaderElector } from './leader-election.ts'
import { createLogger } from './log.ts'
import type { ManualClock } from './manual-clock.ts'

const asked = { operation: 'update', object: 'leases ns/lock' }

/** How a process reaches the server: normally, not at all, only for reads, with lost answers, or without any answer. */
export type Link = 'up' | 'down' | 'read-only' | 'answers-lost' | 'hung'

export class LeaseServer {
  lease: Lease | undefined
  writes = 0

  edit(spec: Lease['spec'], labels: Record<string, string> = {}): void {
    const metadata = { ...this.lease?.metadata, labels, resourceVersion: String(++this.writes) }
    this.lease = { metadata, spec: { ...this.lease?.spec, ...spec } }
  }

  delete(): void {
    this.lease = undefined
  }

  /** Refuses a write to a lease that changed since it was read. */
  check(lease: Lease): void {
    if (lease.metadata?.resourceVersion !== this.lease?.metadata?.resourceVersion) {
      throw new ApiError(asked, 409, { reason: this.lease === undefined ? 'NotFound' : 'Conflict' })
    }
  }

  write(lease: Lease): Lease {
    this.check(lease)
    this.writes++
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(this.writes) } }
    return this.lease
  }

  client(link: () => Link): LeaseClient {
    const send = async <R>(act: () => R, lease?: Lease): Promise<R> => {
      const state = link()
      switch (state) {
        case 'up':
          return act()
        case 'read-only':
          if (lease === undefined) return act()
          this.check(lease)
          throw new TransportError(asked, 'connect', 'refused')
        case 'down':
          throw new TransportError(asked, 'connect', 'refused')
        case 'answers-lost':
          act()
          throw new TransportError(asked, 'reset', 'connection reset')
        case 'hung':
          return new Promise(() => {})
        default:
          return assertNever(state)
      }
    }
    return {
      get: () => send(() => this.lease),
      create: (_, lease) => send(() => this.write(lease), lease),
      replace: (_, lease) => send(() => this.write(lease), lease),
    }
  }
}

/** A process that takes part in the election until the signal is aborted. `link` can be changed; `end` is the outcome. */
export function compete(
  signal: AbortSignal,
  server: LeaseServer,
  clock: ManualClock,
  identity: string,
  more: Partial<LeaderElectorOptions> = {},
) {
  const stop = new AbortController()
  signal.addEventListener('abort', () => stop.abort(), { once: true })
  const process: { link: Link; end: string; leadingSince: number } = {
    link: 'up',
    end: 'still running',
    leadingSince: -1,
  }
  const elector = new LeaderElector({
    client: server.client(() => process.link),
    lease: { namespace: 'ns', name: 'lock' },
    identity,
    clock,
    random: () => 0,
    log: createLogger({ level: 'error', format: 'json', destination: { write: () => {} } }),
    ...more,
  })
  const run = async () => {
    await elector.acquire(stop.signal)
    process.leadingSince = clock.monotonic()
    process.end = await elector.hold(stop.signal)
    if (process.end === 'lost') process.end += `@${clock.monotonic()}`
  }
  const running = run().catch(() => {
    process.end = 'gave up waiting'
  })
  const stopAndRelease = async () => {
    stop.abort()
    await running
    await elector.release()
  }
  return { process, elector, stop: stopAndRelease }
}
