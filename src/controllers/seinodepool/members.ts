/** The SeiNodes of a pool as they stand beside what they shall be: `membersOf`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { TEMPLATE_ANNOTATION } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { type NodeNames, poolNames } from '../../build/pool/names.ts'
import { buildPoolNode, peersOfPoolNode } from '../../build/pool/node.ts'
import { findCondition } from '../../lib/conditions.ts'
import { firstDifference } from '../../lib/subset.ts'
import { isTerminating } from '../shared/deletion.ts'
import { isOwn } from '../shared/ownership.ts'
import type { PoolDependencies } from './dependencies.ts'
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
  /** What its own status says, if it says so of its spec and its pod template as they are. */
  readonly state: 'unknown' | 'down' | 'running' | 'ready'
}

/**
 * @param peers by node, from 0 on; undefined where the nodes' ids are not known: each keeps the peers that it has
 */
export function membersOf(
  pool: SeiNodePool,
  peers: readonly string[] | undefined,
  { stores, platform }: Pick<PoolDependencies, 'stores' | 'platform'>,
): readonly PoolMember[] {
  const { namespace } = pool.metadata
  const { nodes } = poolNames(pool)
  return nodes.map(names => {
    const found = stores.nodes.get(`${namespace}/${names.node}`)
    const live = found && isOwn(found, poolOwner(pool)) && !isTerminating(found) ? found : undefined
    const desired = buildPoolNode(pool, names, peers?.[names.index] ?? (live && peersOfPoolNode(live)), platform)
    const spec = !live ? 'missing' : firstDifference(desired, live) === undefined ? 'current' : 'outdated'
    return {
      names,
      desired,
      live,
      pod: stores.nodePods.get(`${namespace}/${names.node}-0`),
      spec,
      lacksPeers: nodes.length > 1 && peersOfPoolNode(desired) === undefined,
      state: live ? stateOf(live) : 'down',
    }
  })
}

function stateOf({ metadata, status }: Readonly<SeiNode>): PoolMember['state'] {
  const { generation, annotations } = metadata
  if (status?.observedGeneration !== generation) return 'unknown'
  if (status?.podTemplateRevision !== annotations?.[TEMPLATE_ANNOTATION]) return 'unknown'
  const ready = findCondition(status?.conditions, 'Ready')
  if (ready?.status === 'True' && ready.observedGeneration === generation) return 'ready'
  return status?.phase === 'Running' ? 'running' : 'down'
}
