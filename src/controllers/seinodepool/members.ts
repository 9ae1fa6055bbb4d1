/** The SeiNodes of a pool, live and desired: `membersOf`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { type NodeNames, poolNames } from '../../build/pool/names.ts'
import { buildPoolNode, peersOfPoolNode } from '../../build/pool/node.ts'
import { findCondition } from '../../lib/conditions.ts'
import { isSubset } from '../../lib/subset.ts'
import { isTerminating } from '../shared/deletion.ts'
import { isOwn } from '../shared/ownership.ts'
import type { PoolStores } from './dependencies.ts'
import { poolOwner } from './owner.ts'

export interface PoolMember {
  readonly names: NodeNames
  readonly desired: SeiNode
  /** The SeiNode of that name, if it is the pool's and not being deleted. */
  readonly live: Readonly<SeiNode> | undefined
  readonly pod: Readonly<Pod> | undefined
  readonly spec: 'missing' | 'outdated' | 'current'
  /** There are others, and nothing tells their addresses: it must not be made like that. */
  readonly lacksPeers: boolean
  /** What its own status says; unknown while that is of an earlier spec, or the pod is about to be replaced. */
  readonly state: 'unknown' | 'down' | 'running' | 'ready'
}

/** What members are made of, as far as the caches hold it. */
interface MemberSources {
  readonly stores: Pick<PoolStores, 'nodes' | 'nodePods'>
}

/**
 * @param peers by node, from 0 on; undefined where the nodes' ids are not known: each keeps the peers that it has
 */
export function membersOf(
  pool: SeiNodePool,
  peers: readonly string[] | undefined,
  { stores }: MemberSources,
): readonly PoolMember[] {
  const { namespace } = pool.metadata
  const { nodes } = poolNames(pool)
  return nodes.map(names => {
    const found = stores.nodes.get(`${namespace}/${names.node}`)
    const live = found && isOwn(found, poolOwner(pool)) && !isTerminating(found) ? found : undefined
    const own = peers?.[names.index] ?? (live && peersOfPoolNode(live))
    const desired = buildPoolNode(pool, names, own)
    return {
      names,
      desired,
      live,
      pod: stores.nodePods.get(`${namespace}/${names.node}-0`),
      spec: !live ? 'missing' : isSubset(desired, live) ? 'current' : 'outdated',
      lacksPeers: nodes.length > 1 && peersOfPoolNode(desired) === undefined,
      state: live ? stateOf(live) : 'down',
    }
  })
}

function stateOf({ metadata: { generation }, status }: Readonly<SeiNode>): PoolMember['state'] {
  if (status?.observedGeneration !== generation) return 'unknown'
  if (status?.phase !== 'Running') return 'down'
  const ready = findCondition(status.conditions, 'Ready')
  if (ready?.status === 'Unknown') return 'unknown'
  return ready?.status === 'True' && ready.observedGeneration === generation ? 'ready' : 'running'
}
