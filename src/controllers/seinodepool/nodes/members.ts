/** The SeiNodes of a pool, live and desired: `membersOf`, and what came of the last apply of each: `recallNodes`. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import { seiNodes } from '../../../api/resources.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { isAppliedAs } from '../../../build/applied-hash.ts'
import { type NodeNames, poolNames } from '../../../build/pool/names.ts'
import { buildPoolNode, peersOfPoolNode, withImagesOf } from '../../../build/pool/node.ts'
import { upgradeRecord } from '../../../build/upgrade-record.ts'
import type { ChainHealth } from '../../../chain/health.ts'
import { findCondition } from '../../../lib/conditions.ts'
import { isEqualJson } from '../../../lib/equal-json.ts'
import { differences } from '../../../lib/subset.ts'
import { effectiveUpgrade } from '../../../plan/upgrades.ts'
import { type Child, rehearseApply } from '../../shared/children/apply-child.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { isOwn } from '../../shared/children/ownership.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import type { ChainView } from '../../shared/chain/observer.ts'
import { seidStart } from '../../shared/pods/pod-state.ts'
import type { VerifiedChildren } from '../../shared/children/verified-children.ts'
import type { PoolDependencies, PoolStores } from '../dependencies.ts'
import { poolOwner } from '../owner.ts'

export interface PoolMember {
  readonly names: NodeNames
  readonly desired: SeiNode
  /** The SeiNode of that name, if it is the pool's and not being deleted. */
  readonly live: Readonly<SeiNode> | undefined
  readonly pod: Readonly<Pod> | undefined
  /** How it follows the chain of the pool; undefined while it is not known. */
  readonly health: ChainHealth | undefined
  /**
   * `current`: it holds all that is desired, or what admission made of it. `ahead`: what it lacks changes nothing of its pod
   * now, such as an upgrade that it has not reached.
   */
  readonly spec: 'missing' | 'outdated' | 'ahead' | 'current'
  /** The image of its spec has an upgrade that the chain has not reached, and the one of before runs. */
  readonly isEarly: boolean
  /** There are others, and nothing tells their addresses: it must not be made like that. */
  readonly lacksPeers: boolean
  /** What its own status says; unknown while that is of an earlier spec, or the pod is about to be replaced. */
  readonly state: 'unknown' | 'down' | 'halted' | 'running' | 'ready'
}

/** What members are made of, as far as the caches hold it. */
interface MemberSources {
  readonly stores: Pick<PoolStores, 'nodes' | 'nodePods' | 'volumes'>
  readonly chain: Pick<ChainView, 'health'>
  readonly verified: VerifiedChildren
}

/**
 * @param peers by node, from 0 on; undefined where the nodes' ids are not known: each keeps the peers that it has
 */
export function membersOf(
  pool: SeiNodePool,
  peers: readonly string[] | undefined,
  { stores, chain, verified }: MemberSources,
): readonly PoolMember[] {
  const { namespace } = pool.metadata
  const { nodes } = poolNames(pool)
  return nodes.map(names => {
    const found = stores.nodes.get(`${namespace}/${names.node}`)
    const live = found && isOwn(found, poolOwner(pool)) && !isTerminating(found) ? found : undefined
    const own = peers?.[names.index] ?? (live && peersOfPoolNode(live))
    const desired = buildPoolNode(pool, names, own)
    const pod = stores.nodePods.get(`${namespace}/${names.node}-0`)
    const health = live && chain.health(keyOf(live), seidStart(pod) ?? '')
    const claim = stores.volumes.get(`${namespace}/${names.dataVolume}`)
    return {
      names,
      desired,
      live,
      pod,
      health,
      spec: live ? specOf(desired, live, claim, verified) : 'missing',
      isEarly: live !== undefined && effectiveUpgrade(live.spec, upgradeRecord(claim)).deviation === 'early',
      lacksPeers: nodes.length > 1 && peersOfPoolNode(desired) === undefined,
      state: live ? stateOf(live, health) : 'down',
    }
  })
}

function specOf(
  desired: SeiNode,
  live: Readonly<SeiNode>,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  verified: VerifiedChildren,
): 'outdated' | 'ahead' | 'current' {
  const found = differences(desired, live)
  const isCurrent = found.length === 0 || verified.isAsAnswered(seiNodes.kind, desired.metadata.name, found)
  if (isCurrent) return 'current'
  return runsTheSame(desired, live, claim) ? 'ahead' : 'outdated'
}

/** Whether the node runs the same image and overrides with both specs, and nothing else differs. */
function runsTheSame(
  desired: SeiNode,
  live: Readonly<SeiNode>,
  claim: Readonly<PersistentVolumeClaim> | undefined,
): boolean {
  if (!isAppliedAs(live, withImagesOf(desired, live))) return false
  const [before, after] = [live, desired].map(({ spec }) => effectiveUpgrade(spec, upgradeRecord(claim)))
  return before?.image === after?.image && isEqualJson(before?.overrides ?? {}, after?.overrides ?? {})
}

export function nodeChild({ names, desired }: PoolMember, { stores, verified }: PoolDependencies): Child<SeiNode> {
  return { resource: seiNodes, store: stores.nodes, name: names.node, verified, build: () => desired }
}

function stateOf(
  { metadata: { generation }, status }: Readonly<SeiNode>,
  health: ChainHealth | undefined,
): PoolMember['state'] {
  if (status?.observedGeneration !== generation) return 'unknown'
  if (status?.phase === 'Halted') return 'halted'
  if (status?.phase !== 'Running') return 'down'
  const ready = findCondition(status.conditions, 'Ready')
  // A seid that does not answer runs all the same.
  if (ready?.status === 'Unknown') return health?.kind === 'Unknown' ? 'running' : 'unknown'
  return ready?.status === 'True' && ready.observedGeneration === generation ? 'ready' : 'running'
}

/**
 * A node that differs from what was applied was rewritten by admission, or edited since. Only the edit is undone, and waits
 * for its turn. A dry run tells which of both it is.
 * @returns the members, decided by what is known now
 */
export async function recallNodes(
  pool: SeiNodePool,
  peers: readonly string[] | undefined,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<readonly PoolMember[]> {
  const { client, verified } = dependencies
  const members = membersOf(pool, peers, dependencies)
  for (const { spec, desired, live, names } of members) {
    if (spec === 'current') verified.noteAnswer(seiNodes.kind, names.node, differences(desired, live))
  }
  const unknown = members.filter(member => isUnknown(member, dependencies))
  if (unknown.length === 0) return members
  await Promise.all(
    unknown.map(async member => {
      if (member.live) await rehearseApply(client, nodeChild(member, dependencies), member.live, signal)
    }),
  )
  return membersOf(pool, peers, dependencies)
}

function isUnknown({ names, desired, live, spec }: PoolMember, { verified }: PoolDependencies): boolean {
  if (spec !== 'outdated' || !live || !isAppliedAs(live, desired)) return false
  return verified.answerOf(seiNodes.kind, names.node) === undefined
}
