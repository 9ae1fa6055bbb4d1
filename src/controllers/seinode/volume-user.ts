/** Which node may use a claim that two of them name: `volumeUser`. Two seids on one volume would sign with one key. */
import type { SeiNode } from '../../api/seinode.ts'
import { keyOf } from '../../runtime/keys.ts'
import { dataVolumeKey } from './data-volume.ts'
import type { NodeStores } from './dependencies.ts'
import type { NodeMemories } from './memory.ts'
import { nodeOwner } from './owner.ts'
import { ownershipOf } from '../shared/ownership.ts'

/**
 * The name of another SeiNode that has the claim of `node`: one that uses it already, else the one that was there first.
 * Who uses it comes before who is older, because creation times count in whole seconds.
 * @param volumeUID of the claim, where it exists
 */
export function volumeUser(
  node: Readonly<SeiNode>,
  volumeUID: string | undefined,
  memories: NodeMemories,
  stores: Pick<NodeStores, 'nodesOnVolume' | 'statefulSets'>,
): string | undefined {
  const key = dataVolumeKey(node)
  const own = `data-${node.metadata.name}`
  const uses = (one: Readonly<SeiNode>) => usesVolume(one, key, volumeUID, memories, stores)
  for (const other of stores.nodesOnVolume(key)) {
    const isOther = other.metadata.uid !== node.metadata.uid
    const mayShare = node.spec.genesis?.pvc !== undefined || other.spec.genesis?.pvc?.dataPVC === own
    if (!isOther || !mayShare) continue
    const [othersUse, ownUse] = [uses(other), uses(node)]
    if (othersUse === ownUse ? isEarlier(other, node) : othersUse) return other.metadata.name
  }
  return undefined
}

/** By what this process did, or by what an earlier one left: a StatefulSet, or a bootstrap of this very claim. */
function usesVolume(
  node: Readonly<SeiNode>,
  key: string,
  volumeUID: string | undefined,
  memories: NodeMemories,
  { statefulSets }: Pick<NodeStores, 'statefulSets'>,
): boolean {
  if (memories.known(keyOf(node), node.metadata.uid ?? '')?.volume === key) return true
  if (volumeUID !== undefined && node.status?.initPlan?.volumeUID === volumeUID) return true
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
