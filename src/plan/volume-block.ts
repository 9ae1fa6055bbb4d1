/**
 * Whether a node has to wait for a person before it uses the volume that it finds: `volumeBlock`, and what a person consents to:
 * `acceptsVolume`, `acceptsLoss`, `acceptsUnsigned`. Pure.
 */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { ACCEPT_ANNOTATION } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { hasSource, isMadeInPlaceOf, isMarkedHere, isRestored, madeBy } from '../build/claim-marks.ts'
import { childNames } from '../build/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { adoptableState, keptState } from './kept-state.ts'

/** What stands in the way of using a volume. */
export type VolumeBlock = {
  /** Name of the claim. */
  readonly claim: string
  /** What the annotation sei.io/accept-volume has to name. */
  readonly accept: string
} & (
  | { /** The claim on record, `recorded` by UID, is gone. */ readonly kind: 'gone'; readonly recorded: string }
  | {
      /** Another claim stands where the one on record was. */
      readonly kind: 'replaced'
      readonly recorded: string
      /** The volume has a state, which is not bootstrapped over. */
      readonly hasState: boolean
    }
  | {
      /** The node has no record, and the claim that was there before it cannot be told to be its own. */
      readonly kind: 'found'
      readonly hasState: boolean
    }
)

/**
 * The claim on record is the one that the node's plan is for. What a validator signed is lost with its volume, so a validator
 * always waits. Another node waits where the operator did not make the new claim itself: what a person restored is not to be
 * bootstrapped over. A node without a record is new, or was restored without its status: see `mayBeginOn`.
 * @param standing the claim of the node's volume, if there is one
 */
export function volumeBlock(
  node: SeiNode,
  standing: Readonly<PersistentVolumeClaim> | undefined,
): VolumeBlock | undefined {
  const uid = standing?.metadata?.uid
  const claim = childNames(node).dataVolume
  if (!node.status?.initPlan) {
    if (!standing || uid === undefined || acceptsVolume(node, uid) || mayBeginOn(node, standing)) return undefined
    return foundBlock(node, standing)
  }
  const recorded = node.status.initPlan.volumeUID
  if (recorded === undefined || recorded === uid) return undefined
  if (!standing || uid === undefined) {
    // A claim that others make is waited for in any case.
    const mayMake = node.spec.mode !== 'validator' || node.spec.genesis?.pvc !== undefined
    return mayMake || acceptsLoss(node, recorded)
      ? undefined
      : { kind: 'gone', claim, recorded, accept: lossOf(recorded) }
  }
  // For a validator one is made in place of another only by consent.
  if (acceptsVolume(node, uid) || isMadeInPlaceOf(standing, node.metadata.uid, recorded)) return undefined
  return { kind: 'replaced', claim, recorded, accept: uid, hasState: hasKnownState(node, standing) }
}

/** What is said of a claim that is used only by consent, since nothing tells that it is the node's own. */
export function foundBlock(node: SeiNode, claim: Readonly<PersistentVolumeClaim>): VolumeBlock {
  const { dataVolume } = childNames(node)
  return { kind: 'found', claim: dataVolume, accept: claim.metadata?.uid ?? '', hasState: hasKnownState(node, claim) }
}

function hasKnownState(node: SeiNode, claim: Readonly<PersistentVolumeClaim>): boolean {
  return (node.spec.genesis?.pvc ?? adoptableState(claim)) !== undefined
}

/**
 * Whether a node without a record may use the claim that it finds. A validator needs proof that the signing state is not from
 * a backup: the marks of what is on the volume were written on this very claim. Another node adopts what says that it was
 * bootstrapped, and bootstraps what the operator made.
 */
function mayBeginOn(node: SeiNode, claim: Readonly<PersistentVolumeClaim>): boolean {
  const isValidator = node.spec.mode === 'validator'
  const { ownerReferences = [], deletionTimestamp } = claim.metadata ?? {}
  const controller = ownerReferences.find(owner => owner.controller === true)
  // Consent to a claim that is going would change nothing: it is not used in any case.
  if (deletionTimestamp !== undefined) return true
  // The spec names it, or the pool that prepared it, which may own it: only a backup of it is in doubt.
  if (node.spec.genesis?.pvc) return !isValidator || !isRestored(claim)
  // Nor is one of another owner.
  if (controller && controller.uid !== node.metadata.uid) return true
  if (keptState(claim)) return !isValidator || isMarkedHere(claim)
  if (hasSource(claim)) return false
  if (controller || madeBy(claim) === node.metadata.uid) return true
  return !isValidator && madeBy(claim) !== undefined
}

/** Whether a person said that the claim of that UID may be used, whatever was used before. */
export function acceptsVolume(object: Readonly<KubeObject>, uid: string): boolean {
  return uid !== '' && consents(object).includes(uid)
}

/**
 * Whether a person gave up the claim of that UID, which is gone. Spelled otherwise than the consent to use it, which may be
 * older and must not be read as this one.
 */
export function acceptsLoss(object: Readonly<KubeObject>, uid: string): boolean {
  return consents(object).includes(lossOf(uid))
}

/**
 * Whether a person said that a key without a record of what it signed may sign from height 0 on the claim of that UID. The
 * consent to use the claim says nothing of that.
 */
export function acceptsUnsigned(object: Readonly<KubeObject>, uid: string): boolean {
  return uid !== '' && consents(object).includes(unsignedOn(uid))
}

/** How the annotation names a claim on which a key has signed nothing. */
export function unsignedOn(uid: string): string {
  return `unsigned:${uid}`
}

/** How the annotation names a claim that is gone. */
export function lossOf(uid: string): string {
  return `lost:${uid}`
}

function consents({ metadata }: Readonly<KubeObject>): readonly string[] {
  return (metadata?.annotations?.[ACCEPT_ANNOTATION] ?? '').split(',').map(each => each.trim())
}

/**
 * The danger, the way back, and the annotation to set; sentences that follow what was found.
 * @param labels what the old claim had, in words
 */
export function blockAdvice(block: VolumeBlock, mode: 'validator' | 'other', labels: string): string {
  const { kind, accept } = block
  const danger =
    mode === 'validator'
      ? 'The signing state of a validator is lost with its volume. First make sure that no pod anywhere runs with its key. '
      : ''
  if (kind === 'gone') {
    return `${danger}Bind the old PersistentVolume to a claim of that name with ${labels}, and accept the uid of that claim. If the old volume cannot be recovered, set the annotation ${ACCEPT_ANNOTATION} to ${accept}: the operator then creates an empty claim`
  }
  const use = `To use this claim, set the annotation ${ACCEPT_ANNOTATION} to ${accept}: ${block.hasState ? 'its data is kept, and its configuration is rewritten' : 'it has no record of a bootstrap, so it is bootstrapped and its data is overwritten'}`
  if (kind === 'found') {
    const older =
      mode === 'validator'
        ? 'A validator that starts on an older signing state signs twice, so first make sure that its key has signed nothing since the volume was copied, and that no pod anywhere runs with it. '
        : ''
    return `${older}${use}. To keep it unchanged, create the SeiNode under another name`
  }
  // Without the pause an empty claim takes the place of the one that is deleted, unless the node is a validator.
  return `${danger}${use}. To go back to the old PersistentVolume, set spec.paused to true, delete this claim and the pod that uses it, bind a claim of that name with ${labels} to the old PersistentVolume, accept the uid of that claim instead, and set spec.paused to false`
}
