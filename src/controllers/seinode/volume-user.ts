/** Which node may use a claim that two of them name: `volumeUser`. Two seids on one volume would sign with one key. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { keyOf } from '../../runtime/keys.ts'
import { dataVolumeKey } from './data-volume.ts'
import type { NodeStores } from './dependencies.ts'
import { isBootstrapped } from './living-volume.ts'
import type { NodeMemories } from './memory.ts'
import { nodeOwner, volumeOwner } from './owner.ts'
import { ownershipOf } from '../shared/ownership.ts'

/**
 * The name of another SeiNode that has the claim of `node`: the one that uses it already, else the one that could use it
 * now, else the one that was there first. Who uses it comes before who is older, because creation times count in whole
 * seconds; who could use it does, because nodes would otherwise wait for one that waits itself.
 * @param claim as it stands, if there is one
 */
export function volumeUser(
  node: Readonly<SeiNode>,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  memories: NodeMemories,
  stores: Pick<NodeStores, 'nodesOnVolume' | 'statefulSets'>,
): string | undefined {
  const key = dataVolumeKey(node)
  const own = `data-${node.metadata.name}`
  const rank = (one: Readonly<SeiNode>) => {
    if (usesVolume(one, key, claim, memories, stores)) return 2
    return canUse(one, claim) ? 1 : 0
  }
  for (const other of stores.nodesOnVolume(key)) {
    const isOther = other.metadata.uid !== node.metadata.uid
    const mayShare = node.spec.genesis?.pvc !== undefined || other.spec.genesis?.pvc?.dataPVC === own
    if (!isOther || !mayShare) continue
    const lead = rank(other) - rank(node)
    if (lead === 0 ? isEarlier(other, node) : lead > 0) return other.metadata.name
  }
  return undefined
}

/** A node of that name makes a claim that is missing, and takes none of somebody else; `genesis.pvc` needs one that is there. */
function canUse(node: Readonly<SeiNode>, claim: Readonly<PersistentVolumeClaim> | undefined): boolean {
  if (node.spec.genesis?.pvc) return claim !== undefined
  return !claim || ownershipOf(claim, volumeOwner(node, undefined)).kind !== 'foreign'
}

/** By what this process did, or by what an earlier one left: the claim, a bootstrap of it, or a StatefulSet. */
function usesVolume(
  node: Readonly<SeiNode>,
  key: string,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  memories: NodeMemories,
  { statefulSets }: Pick<NodeStores, 'statefulSets'>,
): boolean {
  if (memories.known(keyOf(node), node.metadata.uid ?? '')?.volume === key) return true
  if (claim && (isBootstrapped(node, claim) || ownershipOf(claim, nodeOwner(node)).kind === 'ours')) return true
  const statefulSet = statefulSets.get(keyOf(node))
  return statefulSet !== undefined && ownershipOf(statefulSet, nodeOwner(node)).kind === 'ours'
}

function isEarlier(a: Readonly<SeiNode>, b: Readonly<SeiNode>): boolean {
  return ageOf(a) < ageOf(b)
}

/** Sorts by time of creation, and never gives two nodes one place. */
function ageOf({ metadata: { creationTimestamp, uid } }: Readonly<SeiNode>): string {
  return `${creationTimestamp}/${uid}`
}
