/** Which nodes of one group (a pool, or the nodes of a chain that belong to no pool) may restart now: `nextToRestart`. Pure. */

import { tolerableLosses } from '../build/pool/quorum.ts'

/** One node of a group, as the cluster and its seid show it. */
export interface RolloutMember {
  /** Namespace and name of the SeiNode. */
  readonly key: string
  /**
   * `waiting`: a change is due that restarts the pod. `underway`: it was given a change and has not yet been seen to work
   * with it. `blocked`: nothing may be changed for it.
   */
  readonly change: 'none' | 'waiting' | 'underway' | 'blocked'
  /** `down`: seid does not run. `behind`: it runs and was not seen to follow the chain. */
  readonly health: 'down' | 'behind' | 'following'
  /** It followed the chain once. */
  readonly wasReady: boolean
}

/** What limits how many nodes of a group restart at once. */
export type RolloutPolicy =
  /** The members are the validators of a network. `isStalled`: nodes were asked for a while and none has made a block. */
  | { readonly kind: 'quorum'; readonly isStalled: boolean }
  /** The members serve independently of each other. */
  | { readonly kind: 'count'; readonly maxRestarting: number }

/** Keys of the waiting nodes that get their change now, in order. */
export function nextToRestart(members: readonly RolloutMember[], policy: RolloutPolicy): readonly string[] {
  const waiting = members.filter(({ change }) => change === 'waiting').toSorted(byHealth)
  const chosen =
    policy.kind === 'quorum' ? withinQuorum(members, waiting, policy.isStalled) : withinCount(members, waiting, policy)
  return chosen.map(({ key }) => key)
}

/** A node that never followed the chain serves nobody, so its restart costs nothing. */
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
 * While the chain makes blocks, one validator has the change at a time: the next gets it when the one before follows the
 * chain with it, so a change that breaks a node breaks one. Validators that do not vote come first, since their restart
 * costs no vote: those that are down, and those that were not seen to follow the chain while enough others were. One that
 * votes follows only while all others vote. A chain that stands still loses nothing, and the change
 * may be what it needs: all validators that do not run get it, and those that run too once the chain is known to stand still.
 */
function withinQuorum(
  members: readonly RolloutMember[],
  waiting: readonly RolloutMember[],
  isStalled: boolean,
): readonly RolloutMember[] {
  const goesOn = !isStalled && members.some(({ health }) => health === 'following')
  if (!goesOn) return waiting.filter(({ health }) => health === 'down' || isStalled)
  if (members.some(({ change }) => change === 'underway')) return []
  const [first] = waiting
  if (!first) return []
  const following = members.filter(({ health }) => health === 'following').length
  switch (first.health) {
    case 'down':
      return [first]
    case 'behind':
      // One that was not seen to vote may be one of those that the chain goes on with.
      return following >= members.length - tolerableLosses(members.length) ? [first] : []
    case 'following':
      return following === members.length ? [first] : []
  }
}

const ORDER: Readonly<Record<RolloutMember['health'], number>> = { down: 0, behind: 1, following: 2 }

function byHealth(a: RolloutMember, b: RolloutMember): number {
  return ORDER[a.health] - ORDER[b.health]
}
