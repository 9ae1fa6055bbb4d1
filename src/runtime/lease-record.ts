/** Reads and builds the records of `coordination.k8s.io/v1` Leases: pure functions. */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'

export interface Candidate {
  readonly identity: string
  readonly leaseDurationMs: number
}

/** Compares the records without metadata: a label edited by hand must not prolong a dead leader's term. */
export function isSameRecord(a: Lease, b: Lease): boolean {
  return JSON.stringify(a.spec) === JSON.stringify(b.spec)
}

/** The holder's identity; undefined if the lease is released. */
export function holderOf(lease: Lease): string | undefined {
  const holder = lease.spec?.holderIdentity
  return holder === '' ? undefined : holder
}

/** How long the holder's term lasts after its last renewal, milliseconds. */
export function termMs(lease: Lease): number {
  return (lease.spec?.leaseDurationSeconds ?? 0) * 1000
}

/** The first record of a lease that did not exist. `time`: a MicroTime. */
export function firstRecord(key: { namespace: string; name: string }, by: Candidate, time: string): Lease {
  return { metadata: key, spec: { ...held(by, time), acquireTime: time, leaseTransitions: 0 } }
}

/** The record with `by` as its new or present holder. `time`: a MicroTime. */
export function takenRecord(lease: Lease, by: Candidate, time: string): Lease {
  const { acquireTime = time, leaseTransitions = 0 } = lease.spec ?? {}
  const term =
    holderOf(lease) === by.identity
      ? { acquireTime, leaseTransitions }
      : { acquireTime: time, leaseTransitions: leaseTransitions + 1 }
  return { ...lease, spec: { ...lease.spec, ...held(by, time), ...term } }
}

/** The record without a holder: anyone may take the lease at once. `time`: a MicroTime. */
export function releasedRecord(lease: Lease, time: string): Lease {
  const { holderIdentity: _, ...spec } = lease.spec ?? {}
  return { ...lease, spec: { ...spec, leaseDurationSeconds: 1, renewTime: time, acquireTime: time } }
}

function held({ identity, leaseDurationMs }: Candidate, time: string) {
  return { holderIdentity: identity, leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000), renewTime: time }
}
