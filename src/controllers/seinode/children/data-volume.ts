/** A SeiNode's own PersistentVolumeClaim: `applyDataVolume`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { TaskPlan } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { volumeOrigin } from '../../../build/claim-marks.ts'
import type { Resizing } from '../../../build/claim-spec.ts'
import { buildDataVolume } from '../../../build/data-claim.ts'
import { childNames } from '../../../build/names.ts'
import { beganFrom } from '../../../plan/used-snapshot.ts'
import { dueGrowth } from './volume-growth.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import { isTerminating } from '../../shared/deletion.ts'
import type { VerifiedChildren } from '../../shared/children/verified-children.ts'
import { type AppliedClaim, applyClaim, canGrow, disown, disownRestored } from '../../shared/claims/claims.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { buildInput, volumeOwner } from '../owner.ts'

/** A seid that is ready at all soon after the bootstrap is ready by then. Milliseconds. */
const READY_SOON_MS = 60_000

/**
 * When a claim is marked with the bootstrap that completed on it, milliseconds since the epoch: when the node has caught up
 * with the chain, so that one write says both, and a while after the bootstrap where that takes longer. Undefined while the
 * plan is not complete.
 */
export function marksDueAt(plan: TaskPlan | undefined): number | undefined {
  if (plan?.phase !== 'Complete') return undefined
  const at = plan.caughtUpAt ?? plan.tasks.at(-1)?.completedAt
  return at === undefined ? 0 : Date.parse(at) + (plan.caughtUpAt === undefined ? READY_SOON_MS : 0)
}

export function dataVolumeKey(node: SeiNode): string {
  return `${node.metadata.namespace}/${childNames(node).dataVolume}`
}

export interface AppliedDataVolume extends AppliedClaim {
  /** The size that the claim was to grow to, as `spec.storage.autoGrow` says. */
  readonly growsTo?: string | undefined
}

/**
 * @param usable the claim that the node was found to be allowed to use, if there is one; any other is left as it is
 * @throws TypeError for a node with `genesis.pvc`, whose volume is made by others
 */
export async function applyDataVolume(
  node: SeiNode,
  usable: Readonly<PersistentVolumeClaim> | undefined,
  verified: VerifiedChildren,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<AppliedDataVolume> {
  const { client, stores, platform, clock } = dependencies
  const input = buildInput(node)
  const { initPlan: plan } = node.status ?? {}
  const { id, volumeUID, caughtUpAt } = plan ?? {}
  const dueAt = marksDueAt(plan)
  const isMarked = dueAt !== undefined && (dueAt <= clock.now() || isTerminating(node))
  // What an adopted volume began from is on the claim; of a snapshot that the spec names only since, nothing was read.
  const isOrigin = !plan || (plan.adoptedFrom === undefined && beganFrom(plan, node.spec))
  const origin = isOrigin ? volumeOrigin(node.spec) : undefined
  const { dataVolume: name } = childNames(node)
  const live = stores.dataVolumes.get(dataVolumeKey(node))
  const growth = dueGrowth(node, live, dependencies)
  const build = (claim: Readonly<PersistentVolumeClaim> | undefined, resizing: Resizing): PersistentVolumeClaim => {
    // An earlier operator kept no UID of the volume.
    const isInitialized = isMarked && (volumeUID ?? claim?.metadata?.uid) === claim?.metadata?.uid
    const desired = buildDataVolume(input, platform, {
      live: claim,
      initialized: isInitialized && id !== undefined ? { planID: id, caughtUpAt, origin } : undefined,
      resizing,
      growth,
      // One that is found and gone a moment later was not given up by anybody.
      replaces: usable ? undefined : volumeUID,
    })
    if (!desired) throw new TypeError(`SeiNode ${keyOf(node)}: its volume is made by others`)
    return desired
  }
  const inputs = {
    ...input,
    plan: { id, isMarked, volumeUID, caughtUpAt, origin: origin ?? null },
    canGrow: canGrow(live, stores.storageClasses),
    growth: growth ?? null,
  }
  const child = {
    store: stores.dataVolumes,
    classes: stores.storageClasses,
    name,
    build,
    verified,
    inputs,
    clock,
  }
  const isRetained = node.spec.storage?.retainOnDelete === true
  // Before anything that may be refused: what is to be kept must not have an owner.
  if (live && isRetained) await disownVolume(live, node, { client, stores }, signal)
  const applied = { ...(await applyClaim(client, volumeOwner(node, usable), child, signal)), growsTo: growth?.to }
  if (applied.state.kind !== 'applied' || !isRetained) return applied
  const object = await disownVolume(applied.state.object, node, { client, stores }, signal)
  return { ...applied, state: { kind: 'applied', object } }
}

/**
 * Takes the owner off a claim that was restored with a reference to the SeiNode of the backup: the garbage collector deletes
 * what belongs to a UID that is gone.
 */
export async function rescueRestored(
  node: SeiNode,
  { client, stores }: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const claim = stores.dataVolumes.get(dataVolumeKey(node))
  if (claim) await disownRestored(client, volumeOwner(node, undefined), claim, stores.dataVolumes, signal)
}

/** The claim without an owner reference to `node`. */
export async function disownVolume(
  claim: Readonly<PersistentVolumeClaim>,
  node: SeiNode,
  { client, stores }: Pick<NodeDependencies, 'client' | 'stores'>,
  signal: AbortSignal,
): Promise<Readonly<PersistentVolumeClaim>> {
  return disown(client, node.metadata.uid, claim, stores.dataVolumes, signal)
}
