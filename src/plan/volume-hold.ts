/**
 * Whether a node has to wait for a person before it uses the volume that it finds: `volumeHold`, and what a person consents to:
 * `acceptsVolume`, `acceptsLoss`, `acceptsUnsigned`. Pure.
 */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { ACCEPT_ANNOTATION } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { isMadeInPlaceOf } from '../build/claim-marks.ts'
import { childNames } from '../build/names.ts'
import type { KubeObject } from '../kube/types.ts'

/** What stands in the way of using a volume; `claim` is its name. */
export interface VolumeHold {
  /** `replaced`: another claim stands where the one on record was. `gone`: none does. */
  readonly kind: 'replaced' | 'gone'
  readonly claim: string
  /** UID of the claim on record. */
  readonly recorded: string
  /** What the annotation sei.io/accept-volume has to name. */
  readonly accept: string
}

/**
 * The claim on record is the one that the node's plan is for. What a validator signed is lost with its volume, so a validator
 * always waits. Another node waits where the operator did not make the new claim itself: what a person restored is not to be
 * bootstrapped over. A node without a record has its first volume.
 * @param standing the claim of the node's volume, if there is one
 */
export function volumeHold(
  node: SeiNode,
  standing: Readonly<PersistentVolumeClaim> | undefined,
): VolumeHold | undefined {
  const recorded = node.status?.initPlan?.volumeUID
  const uid = standing?.metadata?.uid
  if (recorded === undefined || recorded === uid) return undefined
  const claim = childNames(node).dataVolume
  if (!standing || uid === undefined) {
    // A claim that others make is waited for in any case.
    const mayMake = node.spec.mode !== 'validator' || node.spec.genesis?.pvc !== undefined
    return mayMake || acceptsLoss(node, recorded)
      ? undefined
      : { kind: 'gone', claim, recorded, accept: lossOf(recorded) }
  }
  // For a validator one is made in place of another only by consent.
  if (acceptsVolume(node, uid) || isMadeInPlaceOf(standing, node.metadata.uid, recorded)) return undefined
  return { kind: 'replaced', claim, recorded, accept: uid }
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
export function holdAdvice(
  { kind, accept }: Pick<VolumeHold, 'kind' | 'accept'>,
  mode: 'validator' | 'other',
  labels: string,
): string {
  const danger =
    mode === 'validator'
      ? 'What a validator signed is lost with its volume, so see first that no pod anywhere runs with its key. '
      : ''
  if (kind === 'gone') {
    return `${danger}Bind the old PersistentVolume to a claim of that name with ${labels}, whose uid is then what to accept. Where it is lost for good, set the annotation ${ACCEPT_ANNOTATION} to ${accept}: an empty claim is made then`
  }
  // Without the pause an empty claim takes the place of the one that is deleted, unless the node is a validator.
  return `${danger}To use this claim, set the annotation ${ACCEPT_ANNOTATION} to ${accept}. To go back to the old PersistentVolume, set spec.paused to true, delete this claim and the pod that has it in use, bind a claim of that name with ${labels} to the old PersistentVolume, accept the uid of that claim instead, and set spec.paused to false`
}
