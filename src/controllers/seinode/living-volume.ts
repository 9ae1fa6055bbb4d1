/** What a node that lives on its claim may expect of it, whoever may change the claim: `livesOn`, `mayRestart`. Pure. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { type ClaimHealth, claimHealth, survivesRestart } from '../shared/claim-health.ts'
import { nodeOwner } from './owner.ts'

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
