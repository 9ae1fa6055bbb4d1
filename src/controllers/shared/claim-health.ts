/** How a claim that a node runs on is, whoever may change it: `claimHealth`. Pure. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { isTerminating } from './deletion.ts'
import { type Owner, ownershipOf } from './ownership.ts'

export type ClaimHealth =
  | { readonly kind: 'healthy' }
  /** No volume was provisioned yet. */
  | { readonly kind: 'pending' }
  /** It is deleted, or about to be, and goes when no pod uses it. */
  | { readonly kind: 'leaving' }
  /** Its PersistentVolume is gone. */
  | { readonly kind: 'lost' }
  /** Controlled by something else: it is used and not changed. */
  | { readonly kind: 'foreign'; readonly owner: string }
  /** The driver refuses a change of its attributes; in its words. */
  | { readonly kind: 'unmodified'; readonly message: string }

/** @param owner whose the claim has to be; undefined for one that others made */
export function claimHealth(claim: Readonly<PersistentVolumeClaim>, owner: Owner | undefined): ClaimHealth {
  const { phase, conditions = [] } = claim.status ?? {}
  const ownership = owner && ownershipOf(claim, owner)
  if (isTerminating(claim) || ownership?.kind === 'earlier') return { kind: 'leaving' }
  if (phase === 'Lost') return { kind: 'lost' }
  if (ownership?.kind === 'foreign') return { kind: 'foreign', owner: ownership.owner }
  if (phase === 'Pending') return { kind: 'pending' }
  const failed = conditions.find(({ type, status }) => type === 'ModifyVolumeError' && status === 'True')
  return failed ? { kind: 'unmodified', message: failed.message ?? failed.reason ?? '' } : { kind: 'healthy' }
}

/**
 * Whether a pod that stops can be followed by another. A claim that is being deleted goes for good with the last pod that
 * uses it; one whose volume is gone cannot be mounted again.
 */
export function survivesRestart({ kind }: ClaimHealth): boolean {
  return kind !== 'leaving' && kind !== 'lost'
}

/** Completes the sentence "PersistentVolumeClaim NAME ..." for a claim that a running pod uses. */
export function leavingText(claim: Readonly<PersistentVolumeClaim>, pod: string, saves: string): string {
  const volume = claim.spec?.volumeName ?? ''
  return `is being deleted, with all that the node has, and goes for good when pod ${pod} stops. Before that, ${saves}set the reclaim policy of PersistentVolume ${volume} to Retain: kubectl patch pv ${volume} --patch '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`
}
