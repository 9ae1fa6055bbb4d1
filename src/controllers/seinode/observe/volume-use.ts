/** Which node may use a claim, and what it may expect of it: `volumeUser`, `isBootstrapped`, `mayRestart`, `volumeBlockedMessage`. Two seids on one volume would sign with one key. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import { NODE_LABEL } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { assertNever } from '../../../lib/assert-never.ts'
import { blockAdvice, type VolumeBlock } from '../../../plan/volume-consent.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import { type ClaimHealth, claimHealth, survivesRestart } from '../../shared/claims/claim-size.ts'
import { ownershipOf } from '../../shared/children/ownership.ts'
import { dataVolumeKey } from '../children/data-volume.ts'
import type { NodeStores } from '../dependencies.ts'
import type { NodeLocalStates } from '../local-state.ts'
import { nodeOwner, volumeOwner } from '../owner.ts'

/**
 * The name of another SeiNode that has the claim of `node`: the one that uses it already, else the one that could use it
 * now, else the one that was there first. Who uses it comes before who is older, because creation times count in whole
 * seconds; who could use it does, because nodes would otherwise wait for one that waits itself.
 * @param claim as it stands, if there is one
 */
export function volumeUser(
  node: Readonly<SeiNode>,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  localStates: NodeLocalStates,
  stores: Pick<NodeStores, 'nodesOnVolume' | 'statefulSets'>,
): string | undefined {
  const key = dataVolumeKey(node)
  const own = `data-${node.metadata.name}`
  const rank = (one: Readonly<SeiNode>) => {
    if (usesVolume(one, key, claim, localStates, stores)) return 2
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
  localStates: NodeLocalStates,
  { statefulSets }: Pick<NodeStores, 'statefulSets'>,
): boolean {
  if (localStates.known(keyOf(node), node.metadata.uid ?? '')?.volume === key) return true
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

/** Whether the node was bootstrapped on this very claim, or is being so. */
export function isBootstrapped({ status }: Readonly<SeiNode>, claim: Readonly<PersistentVolumeClaim>): boolean {
  const volumeUID = status?.initPlan?.volumeUID
  return volumeUID !== undefined && volumeUID === claim.metadata?.uid
}

/** Whether a pod of the node has the claim in use: what becomes of the claim takes nothing from that pod. */
export function livesOn(
  node: Readonly<SeiNode>,
  claim: Readonly<PersistentVolumeClaim>,
  pod: Readonly<Pod> | undefined,
): boolean {
  return pod !== undefined && isBootstrapped(node, claim)
}

/** Whether the pod may be replaced: not where the claim goes with it, or where no other pod could mount it. */
export function mayRestart(
  node: Readonly<SeiNode>,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  pod: Readonly<Pod> | undefined,
): boolean {
  return pod === undefined || claim === undefined || survivesRestart(healthOf(node, claim))
}

/** A claim that `genesis.pvc` names belongs to whoever prepared it. */
export function healthOf(node: Readonly<SeiNode>, claim: Readonly<PersistentVolumeClaim>): ClaimHealth {
  return claimHealth(claim, node.spec.genesis?.pvc ? undefined : nodeOwner(node))
}

export function volumeBlockedMessage({ metadata, spec }: SeiNode, block: VolumeBlock): string {
  const labels = spec.genesis?.pvc ? 'the labels of the old claim' : `the label ${NODE_LABEL}=${metadata.name}`
  return `${found(block)}. ${blockAdvice(block, spec.mode === 'validator' ? 'validator' : 'other', labels)}`
}

function found(block: VolumeBlock): string {
  const claim = `PersistentVolumeClaim ${block.claim}`
  switch (block.kind) {
    case 'gone':
      return `${claim} (uid ${block.recorded}), on which the node was bootstrapped, no longer exists, and the operator creates no replacement`
    case 'replaced':
      return `${claim} (uid ${block.accept}) is not the one that the node was bootstrapped on (uid ${block.recorded}): the operator does not use it, and seid does not start on it`
    case 'found':
      return `${claim} (uid ${block.accept}) existed before this SeiNode and is not known to belong to it: it was restored from a backup, created by hand, or retained by an earlier version of the operator. The operator does not use it, and seid does not start on it`
    default:
      return assertNever(block)
  }
}
