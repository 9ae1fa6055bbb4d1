/** The SeiNodes of a pool as they stand beside what they shall be: `membersOf`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { TEMPLATE_ANNOTATION } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { isAppliedAs } from '../../build/applied-hash.ts'
import { type NodeNames, poolNames } from '../../build/pool/names.ts'
import { buildPoolNode, peersOfPoolNode } from '../../build/pool/node.ts'
import { findCondition } from '../../lib/conditions.ts'
import { firstDifference } from '../../lib/subset.ts'
import { runsTemplate } from '../shared/current-pod.ts'
import { isTerminating } from '../shared/deletion.ts'
import { isOwn } from '../shared/ownership.ts'
import type { PoolDependencies, PoolStores } from './dependencies.ts'
import { poolOwner } from './owner.ts'

export interface PoolMember {
  readonly names: NodeNames
  readonly desired: SeiNode
  /** The SeiNode of that name, if it is the pool's and not being deleted. */
  readonly live: Readonly<SeiNode> | undefined
  readonly pod: Readonly<Pod> | undefined
  readonly spec: 'missing' | 'outdated' | 'current'
  /** It is outdated, and but for its pod template it would not be. */
  readonly isTemplateAlone: boolean
  /** There are others, and nothing tells their addresses: it must not be made like that. */
  readonly lacksPeers: boolean
  /** What its own status says; unknown while that may be of an earlier spec, or of a pod that is about to go. */
  readonly state: 'unknown' | 'down' | 'running' | 'ready'
}

/** What members are made of, as far as the caches hold it. */
interface MemberSources extends Pick<PoolDependencies, 'templateRevision'> {
  readonly stores: Pick<PoolStores, 'nodes' | 'nodePods' | 'statefulSets'>
}

/**
 * @param peers by node, from 0 on; undefined where the nodes' ids are not known: each keeps the peers that it has
 */
export function membersOf(
  pool: SeiNodePool,
  peers: readonly string[] | undefined,
  { stores, templateRevision }: MemberSources,
): readonly PoolMember[] {
  const { namespace } = pool.metadata
  const { nodes } = poolNames(pool)
  return nodes.map(names => {
    const found = stores.nodes.get(`${namespace}/${names.node}`)
    const live = found && isOwn(found, poolOwner(pool)) && !isTerminating(found) ? found : undefined
    const own = peers?.[names.index] ?? (live && peersOfPoolNode(live))
    const build = (template: string): SeiNode => buildPoolNode(pool, names, own, template)
    const desired = build(templateRevision)
    const pod = stores.nodePods.get(`${namespace}/${names.node}-0`)
    const statefulSet = stores.statefulSets.get(`${namespace}/${names.node}`)
    const spec = !live ? 'missing' : firstDifference(desired, live) === undefined ? 'current' : 'outdated'
    return {
      names,
      desired,
      live,
      pod,
      spec,
      isTemplateAlone: live !== undefined && hasOtherTemplateAlone(live, templateRevision, build),
      lacksPeers: nodes.length > 1 && peersOfPoolNode(desired) === undefined,
      state: live ? stateOf(live, runsGranted(live, statefulSet, pod)) : 'down',
    }
  })
}

/** Whether nothing tells the node from what it shall be but the pod template that it is let have. */
function hasOtherTemplateAlone(
  live: Readonly<SeiNode>,
  revision: string,
  build: (revision: string) => SeiNode,
): boolean {
  const granted = live.metadata.annotations?.[TEMPLATE_ANNOTATION]
  if (granted === undefined || granted === revision) return false
  const before = build(granted)
  return isAppliedAs(live, before) && firstDifference(before, live) === undefined
}

/** Whether the node's pod is made of the template that the pool has let it have. */
function runsGranted(
  { metadata }: Readonly<SeiNode>,
  statefulSet: Readonly<StatefulSet> | undefined,
  pod: Readonly<Pod> | undefined,
): boolean {
  const granted = metadata.annotations?.[TEMPLATE_ANNOTATION]
  if (!statefulSet || !pod || statefulSet.metadata?.annotations?.[TEMPLATE_ANNOTATION] !== granted) return false
  return runsTemplate(statefulSet, pod)
}

/** @param isGranted where it is not, its status may speak of the pod before */
function stateOf({ metadata: { generation }, status }: Readonly<SeiNode>, isGranted: boolean): PoolMember['state'] {
  if (status?.observedGeneration !== generation) return 'unknown'
  if (status?.phase !== 'Running') return 'down'
  if (!isGranted) return 'unknown'
  const ready = findCondition(status.conditions, 'Ready')
  return ready?.status === 'True' && ready.observedGeneration === generation ? 'ready' : 'running'
}
