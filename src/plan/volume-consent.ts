/**
 * Whether a node needs a user's consent before it uses its volume: `volumeBlock`. Reads the consent: `acceptsVolume`,
 * `acceptsLoss`, `acceptsUnsigned`. Pure.
 */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { ACCEPT_ANNOTATION } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { hasSource, isMadeInPlaceOf, isMarkedHere, isRestored, madeBy } from '../build/claim-marks.ts'
import { childNames } from '../build/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { adoptableState, keptState } from './kept-state.ts'

/** Why a volume may not be used. */
export type VolumeBlock = {
  /** Name of the claim. */
  readonly claim: string
  /** The value that the annotation sei.io/accept-volume needs. */
  readonly accept: string
} & (
  | { /** The claim on record, `recorded` by UID, is gone. */ readonly kind: 'gone'; readonly recorded: string }
  | {
      /** The node's claim is not the one on record. */
      readonly kind: 'replaced'
      readonly recorded: string
      /** The volume has a state, which a bootstrap would overwrite. */
      readonly hasState: boolean
    }
  | {
      /** The node has no record, and nothing proves that the claim, which existed before, is its own. */
      readonly kind: 'found'
      readonly hasState: boolean
    }
)

/**
 * The claim on record is the one of the node's plan. A validator is blocked on any other claim, because the record of what
 * it signed is lost with its volume. Another node is blocked unless the operator created the new claim: a bootstrap must not
 * overwrite what a user restored. A node without a record is new, or was restored without its status: see `mayBeginOn`.
 * @param standing the claim of the node's volume, if it exists
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
    // The node waits in any case for a claim that others create.
    const mayMake = node.spec.mode !== 'validator' || node.spec.genesis?.pvc !== undefined
    return mayMake || acceptsLoss(node, recorded)
      ? undefined
      : { kind: 'gone', claim, recorded, accept: lossOf(recorded) }
  }
  // A validator's claim is replaced only by consent.
  if (acceptsVolume(node, uid) || isMadeInPlaceOf(standing, node.metadata.uid, recorded)) return undefined
  return { kind: 'replaced', claim, recorded, accept: uid, hasState: hasKnownState(node, standing) }
}

/** The block of a claim that nothing proves to be the node's own. */
export function foundBlock(node: SeiNode, claim: Readonly<PersistentVolumeClaim>): VolumeBlock {
  const { dataVolume } = childNames(node)
  return { kind: 'found', claim: dataVolume, accept: claim.metadata?.uid ?? '', hasState: hasKnownState(node, claim) }
}

function hasKnownState(node: SeiNode, claim: Readonly<PersistentVolumeClaim>): boolean {
  return (node.spec.genesis?.pvc ?? adoptableState(claim)) !== undefined
}

/**
 * Whether a node without a record may use an existing claim. A validator needs proof that the signing state is not from a
 * backup: the annotations about the volume's content were written on this very claim. Another node adopts a claim that is
 * annotated as bootstrapped, and bootstraps one that the operator created.
 */
function mayBeginOn(node: SeiNode, claim: Readonly<PersistentVolumeClaim>): boolean {
  const isValidator = node.spec.mode === 'validator'
  const { ownerReferences = [], deletionTimestamp } = claim.metadata ?? {}
  const controller = ownerReferences.find(owner => owner.controller === true)
  // A terminating claim is not used in any case: no consent is needed.
  if (deletionTimestamp !== undefined) return true
  // The claim is named by the spec, or was prepared by the node's pool: only a backup of it needs consent.
  if (node.spec.genesis?.pvc) return !isValidator || !isRestored(claim)
  // A claim with another owner is not used either.
  if (controller && controller.uid !== node.metadata.uid) return true
  if (keptState(claim)) return !isValidator || isMarkedHere(claim)
  if (hasSource(claim)) return false
  if (controller || madeBy(claim) === node.metadata.uid) return true
  return !isValidator && madeBy(claim) !== undefined
}

/** Whether a user consented to the claim with that UID, whichever was used before. */
export function acceptsVolume(object: Readonly<KubeObject>, uid: string): boolean {
  return uid !== '' && consents(object).includes(uid)
}

/**
 * Whether a user gave up the missing claim with that UID. The prefix distinguishes it from an older consent to use that
 * claim, which must not count as this one.
 */
export function acceptsLoss(object: Readonly<KubeObject>, uid: string): boolean {
  return consents(object).includes(lossOf(uid))
}

/**
 * Whether a user consented that a key without signing state signs from height 0 on the claim with that UID. The consent to
 * use the claim does not include this.
 */
export function acceptsUnsigned(object: Readonly<KubeObject>, uid: string): boolean {
  return uid !== '' && consents(object).includes(unsignedOn(uid))
}

/** The annotation's value for a claim on which the key has signed nothing. */
export function unsignedOn(uid: string): string {
  return `unsigned:${uid}`
}

/** The annotation's value for a claim that no longer exists. */
export function lossOf(uid: string): string {
  return `lost:${uid}`
}

function consents({ metadata }: Readonly<KubeObject>): readonly string[] {
  return (metadata?.annotations?.[ACCEPT_ANNOTATION] ?? '').split(',').map(each => each.trim())
}

/**
 * Sentences to append to a finding: the danger, how to restore the old claim, and the annotation to set.
 * @param labels the labels of the old claim, for the message
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
  // Without the pause the operator replaces the deleted claim by an empty one, unless the node is a validator.
  return `${danger}${use}. To go back to the old PersistentVolume, set spec.paused to true, delete this claim and the pod that uses it, bind a claim of that name with ${labels} to the old PersistentVolume, accept the uid of that claim instead, and set spec.paused to false`
}
