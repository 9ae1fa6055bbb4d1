/** Which of a pool's SeiNodes are made as they shall be now: `planRollout`. Pure. */

/** One validator of a pool, as the cluster shows it. */
export interface Member {
  readonly index: number
  /**
   * `missing`: there is no SeiNode; `outdated`: the one that stands is not what it shall be, in spec or in pod template;
   * `held`: whatever it is, nothing may be made or changed for it.
   */
  readonly spec: 'missing' | 'outdated' | 'current' | 'held'
  /**
   * `down`: seid does not run. `unsettled`: it runs, and is not Ready, or was not yet seen to follow the chain since it
   * was restarted. `settled`: it is Ready and follows the chain.
   */
  readonly health: 'down' | 'unsettled' | 'settled'
}

export interface Rollout {
  /** Nodes to be made, or to be given the change, by index. */
  readonly apply: readonly number[]
  /** The node that the rollout waits for before the next one gets the change. */
  readonly waitsFor: number | undefined
  /** Nodes that are outdated and do not get the change now. */
  readonly remaining: number
}

/**
 * Nodes are made all at once. A node that does not run gets a change at once, since there is nothing to lose: all such nodes
 * where none is settled, else one, and none while another has yet to settle with it. What went down for a moment would come
 * back with what it has, and a change that breaks a node is to break one. Of those that run one gets it at a time, the
 * unsettled before the settled, and the next when the one before has settled and none is down. A settled one gets it only
 * while all others are settled, so that a chain of four and more never has less than its quorum. Of a chain that stands
 * still all that are not settled get it together: the change may be what mends it.
 * @param isStalled nodes were asked for a while, and none has made a block (`HeightLog.isStalled`)
 */
export function planRollout(members: readonly Member[], isStalled: boolean): Rollout {
  const missing = members.filter(({ spec }) => spec === 'missing')
  const outdated = members.filter(({ spec }) => spec === 'outdated')
  const unproven = members.find(({ spec, health }) => spec === 'current' && health !== 'settled')
  const goesOn = !isStalled && members.some(({ health }) => health === 'settled')
  if (unproven && goesOn) return rollout(missing, outdated.length > 0 ? unproven.index : undefined, outdated.length)

  const down = outdated.filter(({ health }) => health === 'down')
  const running = outdated.filter(({ health }) => health !== 'down')
  const [first] = down
  if (first && goesOn) return rollout([...missing, first], first.index, outdated.length - 1)
  const now = [...missing, ...down]
  if (running.length === 0) return rollout(now, undefined, 0)

  const unsettled = running.filter(({ health }) => health === 'unsettled')
  if (isStalled && unsettled.length > 0) {
    return rollout([...now, ...unsettled], undefined, running.length - unsettled.length)
  }
  const next = unsettled[0] ?? running[0]
  const inTheWay = members.find(member => member !== next && isInTheWay(member, next))
  if (!next || inTheWay) return rollout(now, inTheWay?.index, running.length)
  return rollout([...now, next], undefined, running.length - 1)
}

/** Whether `next` must not be taken down yet because of `member`. */
function isInTheWay({ spec, health }: Member, next: Member | undefined): boolean {
  if (health === 'settled') return false
  return next?.health === 'settled' || spec !== 'outdated' || health === 'down'
}

function rollout(apply: readonly Member[], waitsFor: number | undefined, remaining: number): Rollout {
  return { apply: apply.map(({ index }) => index).toSorted((a, b) => a - b), waitsFor, remaining }
}
