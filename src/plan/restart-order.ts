/** Decides which nodes of a group (a pool, or a chain's nodes that belong to no pool) restart now: `nextToRestart`. Pure. */

import { tolerableLosses } from '../build/pool/quorum.ts'

/** The observed state of one node of a group. */
export interface RolloutMember {
  /** Namespace and name of the SeiNode. */
  readonly key: string
  /**
   * `waiting`: a change that restarts the pod is due. `underway`: its change was approved and is not proven to work yet.
   * `blocked`: it gets no change.
   */
  readonly change: 'none' | 'waiting' | 'underway' | 'blocked'
  /**
   * `down`: seid does not run. `behind`: seid runs but was not observed to follow the chain, or to sign. `nonvoting`: it
   * follows the chain and has no voting power. `halted`: its spec ended seid at a height, so the chain has lost its vote on
   * purpose.
   */
  readonly health: 'halted' | 'down' | 'nonvoting' | 'behind' | 'following'
  /** Whether it has followed the chain at least once. */
  readonly wasReady: boolean
}

/** Limits how many nodes of a group restart at once. */
export type RolloutPolicy =
  /** The members are the validators of a network. `isStalled`: no node has reported a new block for a while. */
  | { readonly kind: 'quorum'; readonly isStalled: boolean }
  /** The members are independent of each other. */
  | { readonly kind: 'count'; readonly maxRestarting: number }

/** Keys of the waiting nodes whose change is approved now, in order. */
export function nextToRestart(members: readonly RolloutMember[], policy: RolloutPolicy): readonly string[] {
  const waiting = members.filter(({ change }) => change === 'waiting').toSorted(byHealth)
  const chosen =
    policy.kind === 'quorum' ? withinQuorum(members, waiting, policy.isStalled) : withinCount(members, waiting, policy)
  return chosen.map(({ key }) => key)
}

/** A node that never followed the chain serves no traffic, so restarting it costs nothing. */
function withinCount(
  members: readonly RolloutMember[],
  waiting: readonly RolloutMember[],
  { maxRestarting }: Extract<RolloutPolicy, { kind: 'count' }>,
): readonly RolloutMember[] {
  const isFree = ({ wasReady }: RolloutMember): boolean => !wasReady
  const underway = members.filter(member => member.change === 'underway' && !isFree(member)).length
  const counted = waiting.filter(member => !isFree(member))
  return [...waiting.filter(isFree), ...counted.slice(0, Math.max(0, maxRestarting - underway))]
}

/**
 * While the chain makes blocks, one validator gets the change at a time, and the next only when that one follows the chain
 * with it: a change that breaks nodes breaks one. Validators that do not vote come first, because their restart costs no
 * vote: those that are down, those without voting power, then those that lag while enough others follow the chain. A validator that votes is restarted
 * only while all others vote. A halted chain has nothing to lose, and the change may be its cure: all validators that do not
 * run get it at once, and those that run get it too when the chain is known to be stalled.
 */
function withinQuorum(
  members: readonly RolloutMember[],
  waiting: readonly RolloutMember[],
  isStalled: boolean,
): readonly RolloutMember[] {
  const goesOn = !isStalled && members.some(({ health }) => health === 'following' || health === 'nonvoting')
  if (!goesOn) return waiting.filter(({ health }) => isDown(health) || isStalled)
  if (members.some(({ change }) => change === 'underway')) return []
  const [first] = waiting
  if (!first) return []
  const voters = members.filter(({ health }) => health !== 'nonvoting' && health !== 'halted').length
  const following = members.filter(({ health }) => health === 'following').length
  switch (first.health) {
    case 'halted':
    case 'down':
    case 'nonvoting':
      return [first]
    case 'behind':
      // A validator that was not observed to vote may still be one that the chain needs.
      return following >= voters - tolerableLosses(voters) ? [first] : []
    case 'following':
      return following === voters ? [first] : []
  }
}

function isDown(health: RolloutMember['health']): boolean {
  return health === 'down' || health === 'halted'
}

const ORDER: Readonly<Record<RolloutMember['health'], number>> = {
  halted: 0,
  down: 0,
  nonvoting: 1,
  behind: 2,
  following: 3,
}

/** Those whose restart costs the chain least come first. */
export function byHealth(a: Pick<RolloutMember, 'health'>, b: Pick<RolloutMember, 'health'>): number {
  return ORDER[a.health] - ORDER[b.health]
}
