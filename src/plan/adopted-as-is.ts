/** What a spec asks for and its adopted volume does not have: `adoptedAsIs`, `storageAsIs`. Pure. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodeSpec } from '../api/seinode.ts'
import { volumeOrigin } from '../build/claim-marks.ts'
import { type StorageSize, wantedSize } from '../build/claim-growth.ts'
import { capacityOf, requestOf } from '../build/claim-spec.ts'
import { INITIALIZED_GENESIS_ANNOTATION, INITIALIZED_SNAPSHOT_ANNOTATION } from '../build/data-claim.ts'
import { compareQuantities } from '../lib/quantity.ts'

type Claim = Readonly<PersistentVolumeClaim>

interface WantedStorage extends StorageSize {
  readonly storageClassName?: string
}

/** One clause per difference: the field, the value that it asks for, and the value that the volume has. */
export function adoptedAsIs(spec: SeiNodeSpec, claim: Claim, classExists: boolean | 'unknown'): readonly string[] {
  const wanted = volumeOrigin(spec)
  const held = claim.metadata?.annotations ?? {}
  const [genesis, snapshot] = [held[INITIALIZED_GENESIS_ANNOTATION], held[INITIALIZED_SNAPSHOT_ANNOTATION]]
  const field = spec.replayer ? 'spec.replayer.snapshot' : 'spec.snapshot'
  return [
    ...storageAsIs(spec.storage, claim, classExists),
    ...(genesis === undefined || genesis === wanted.genesis
      ? []
      : [`spec.genesis is ${wanted.genesis}, and its genesis file came from ${genesis}`]),
    ...(snapshot === undefined || snapshot === wanted.snapshot
      ? []
      : [`${field} is ${wanted.snapshot}, and its state began from ${snapshot}`]),
  ]
}

/** Compares only what the spec sets: the platform's defaults apply to new volumes only. */
export function storageAsIs(
  wanted: WantedStorage | undefined,
  claim: Claim,
  classExists: boolean | 'unknown',
): readonly string[] {
  const { storageClassName } = wanted ?? {}
  const size = wantedSize(wanted, claim)
  const { spec } = claim
  // A request below the capacity does not shrink the volume.
  const held = capacityOf(claim) ?? requestOf(claim)
  const missing = classExists === false ? ', which does not exist' : ''
  return [
    ...(storageClassName === undefined || storageClassName === spec?.storageClassName
      ? []
      : [
          `spec.storage.storageClassName is ${storageClassName}${missing}, and it has StorageClass ${spec?.storageClassName ?? 'none'}`,
        ]),
    ...(size === undefined || held === undefined || compareQuantities(size, held) >= 0
      ? []
      : [`spec.storage.size is ${size}, and it has ${held}, which cannot shrink`]),
  ]
}
