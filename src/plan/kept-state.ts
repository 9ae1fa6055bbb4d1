/** Reads from a claim's annotations which state is on its volume: `keptState`, `adoptableState`. Pure. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import {
  CAUGHT_UP_ANNOTATION,
  INITIALIZED_CHAIN_ANNOTATION,
  INITIALIZED_MODE_ANNOTATION,
  INITIALIZED_PLAN_ANNOTATION,
} from '../build/data-claim.ts'
import { hasSource } from '../build/claim-marks.ts'

export interface KeptState {
  readonly chainId: string
  /** Id of the plan that bootstrapped the volume. */
  readonly planID: string
  readonly mode: string | undefined
  /** When the node first caught up with the chain, RFC 3339; undefined where it never did. */
  readonly caughtUpAt: string | undefined
}

/** Returns undefined for a claim on which no bootstrap completed. */
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

/** The state that a bootstrap must not overwrite. A volume filled from a snapshot has one, whatever its claim says. */
export function adoptableState(
  claim: Readonly<PersistentVolumeClaim>,
): Pick<KeptState, 'planID' | 'caughtUpAt'> | undefined {
  const filled = hasSource(claim) ? { planID: claim.metadata?.uid ?? '', caughtUpAt: undefined } : undefined
  return keptState(claim) ?? filled
}
