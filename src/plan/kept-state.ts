/** What a claim tells of the state that is on its volume: `keptState`, `adoptableState`. Pure. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import {
  CAUGHT_UP_ANNOTATION,
  INITIALIZED_CHAIN_ANNOTATION,
  INITIALIZED_MODE_ANNOTATION,
  INITIALIZED_PLAN_ANNOTATION,
} from '../build/data-volume.ts'
import { hasSource } from '../build/claim-marks.ts'

export interface KeptState {
  readonly chainId: string
  /** Id of the plan that bootstrapped the volume. */
  readonly planID: string
  readonly mode: string | undefined
  /** RFC 3339; undefined where the node never kept up with the chain. */
  readonly caughtUpAt: string | undefined
}

/** Undefined for a claim that no bootstrap completed on. */
export function keptState(claim: Readonly<PersistentVolumeClaim> | undefined): KeptState | undefined {
  const annotations = claim?.metadata?.annotations ?? {}
  const chainId = annotations[INITIALIZED_CHAIN_ANNOTATION]
  const planID = annotations[INITIALIZED_PLAN_ANNOTATION]
  if (chainId === undefined || planID === undefined) return undefined
  return {
    chainId,
    planID,
    mode: annotations[INITIALIZED_MODE_ANNOTATION],
    caughtUpAt: annotations[CAUGHT_UP_ANNOTATION],
  }
}

/** The state that is not to be bootstrapped over: a volume that is filled from a snapshot has one, whatever its claim says. */
export function adoptableState(
  claim: Readonly<PersistentVolumeClaim>,
): Pick<KeptState, 'planID' | 'caughtUpAt'> | undefined {
  const filled = hasSource(claim) ? { planID: claim.metadata?.uid ?? '', caughtUpAt: undefined } : undefined
  return keptState(claim) ?? filled
}
