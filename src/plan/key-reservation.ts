/** Decides whether a node may run its consensus key: `decideReservation`. Pure. */

/** A SeiNode that has the key on its volume according to its status. */
export interface Claimant {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Its status says that it has the reservation. */
  readonly isReserved: boolean
  /** Its pod's seid runs, or may start at any moment. */
  readonly isRunning: boolean
}

/** The fields of a Lease. A user may have cleared them. */
export interface Reservation {
  readonly holder: string | undefined
}

export interface Holder {
  readonly namespace: string
  readonly name: string
}

export type ReservationDecision =
  /** The Lease names this node, by UID. */
  | { readonly kind: 'ours'; /** Others that run the key all the same. */ readonly rivals: readonly Claimant[] }
  /** There is no Lease, and nobody else is more entitled to it. */
  | { readonly kind: 'create' }
  /** The Lease names nobody, or an earlier SeiNode of this namespace and name: only one of their pods can exist. */
  | { readonly kind: 'take-over' }
  | {
      readonly kind: 'taken'
      readonly by: Holder
      /** False where the holder is deleted or its namespace is not watched. */
      readonly isThere: boolean
    }

/** The identity of a holder in a Lease. */
export function holderIdentity({ namespace, name, uid }: Omit<Claimant, 'isReserved' | 'isRunning'>): string {
  return `${namespace}/${name}/${uid}`
}

/**
 * A reservation never expires. A missing Lease is restored from the statuses: the node that had the reservation gets it,
 * else a node that runs.
 * @param lease undefined where there is none
 * @param others SeiNodes other than `self` whose status has the same address
 * @param exists whether a SeiNode of that namespace and name is in the cache
 */
export function decideReservation(
  self: Claimant,
  lease: Reservation | undefined,
  others: readonly Claimant[],
  exists: (holder: Holder) => boolean,
): ReservationDecision {
  if (!lease) {
    if (self.isReserved) return { kind: 'create' }
    // If several nodes run, none waits for another, or they would stop each other. Only one of them can create the Lease.
    const entitled =
      others.find(({ isReserved }) => isReserved) ??
      (self.isRunning ? undefined : others.find(({ isRunning }) => isRunning))
    return entitled ? { kind: 'taken', by: entitled, isThere: true } : { kind: 'create' }
  }
  if (lease.holder === undefined || lease.holder === '') return { kind: 'take-over' }
  if (lease.holder === holderIdentity(self)) {
    return { kind: 'ours', rivals: others.filter(({ isRunning }) => isRunning) }
  }
  const [namespace = '', name = ''] = lease.holder.split('/')
  if (namespace === self.namespace && name === self.name) return { kind: 'take-over' }
  return { kind: 'taken', by: { namespace, name }, isThere: exists({ namespace, name }) }
}
