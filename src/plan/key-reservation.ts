/** Who may run a consensus key: `decideReservation`. Pure: what the caches hold to what follows for one node. */

/** A SeiNode that has the key on its volume, as far as its status says. */
export interface Claimant {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Its status says that it has the reservation. */
  readonly isReserved: boolean
  /** Its pod's seid runs. */
  readonly isRunning: boolean
}

/** What a Lease says. A person may have cleared it. */
export interface Reservation {
  readonly holder: string | undefined
}

export interface Holder {
  readonly namespace: string
  readonly name: string
}

export type ReservationDecision =
  /** The Lease names this very node. */
  | { readonly kind: 'ours'; /** Others that run the key all the same. */ readonly rivals: readonly Claimant[] }
  /** There is no Lease, and nobody else is more entitled to it. */
  | { readonly kind: 'create' }
  /** The Lease names nobody, or an earlier SeiNode of this namespace and name, whose pod's name this node's pod has. */
  | { readonly kind: 'take-over' }
  | {
      readonly kind: 'taken'
      readonly by: Holder
      /** Whether the holder is known to exist: a SeiNode that is gone, or in a namespace that is not watched, is not. */
      readonly isThere: boolean
    }

/** The identity of a holder in a Lease. */
export function holderIdentity({ namespace, name, uid }: Omit<Claimant, 'isReserved' | 'isRunning'>): string {
  return `${namespace}/${name}/${uid}`
}

/**
 * A reservation passes to nobody by time. Where its Lease is missing, the statuses are what it is made again from: whoever
 * had it has it, then whoever runs.
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
    // Where several run, none waits for another, or they would stop each other. Only one of them can create the Lease.
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
