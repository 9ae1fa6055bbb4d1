/** Annotations of a claim on its origin and the state on its volume: `isMadeInPlaceOf`, `isMarkedHere`, `isRestored`, `birthMarks`, `volumeOrigin`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodeSpec } from '../api/seinode.ts'

/** UID of the SeiNode or SeiNodePool that the operator created the claim for. Written only at creation. */
const MADE_BY_ANNOTATION = 'sei.io/made-by'
/** UID of the claim on record that the operator created this one to replace. Written only at creation. */
const REPLACES_ANNOTATION = 'sei.io/replaces'
/** UID of the claim itself, written with the annotations on its content. A claim restored from a backup has another UID. */
export const CLAIM_UID_ANNOTATION = 'sei.io/claim-uid'

type Claim = Readonly<PersistentVolumeClaim>

/** UID of the owner that the claim was created for. A copy of the claim has the same value. */
export function madeBy(claim: Claim | undefined): string | undefined {
  return claim?.metadata?.annotations?.[MADE_BY_ANNOTATION]
}

/**
 * Whether the operator created this claim for `owner` to replace the claim `lost`, so that it began empty. A restored
 * backup has the annotations of an earlier claim, which cannot have replaced itself or a later one.
 */
export function isMadeInPlaceOf(claim: Claim, owner: string | undefined, lost: string): boolean {
  return (
    !hasSource(claim) &&
    owner !== undefined &&
    madeBy(claim) === owner &&
    claim.metadata?.annotations?.[REPLACES_ANNOTATION] === lost
  )
}

/** Whether the volume is filled from a snapshot or another claim. The operator creates no such claims. */
export function hasSource({ spec }: Claim): boolean {
  return spec?.dataSource !== undefined || spec?.dataSourceRef !== undefined
}

/** Whether the annotations on the volume's content were written on this claim, not copied from another. */
export function isMarkedHere(claim: Claim): boolean {
  const marked = claim.metadata?.annotations?.[CLAIM_UID_ANNOTATION]
  return marked !== undefined && marked === claim.metadata?.uid
}

/** Whether the annotations on the volume's content were copied from another claim. */
function isCopy(claim: Claim): boolean {
  return claim.metadata?.annotations?.[CLAIM_UID_ANNOTATION] !== undefined && !isMarkedHere(claim)
}

/** Whether a backup tool or a user created the claim from a backup. */
export function isRestored(claim: Claim): boolean {
  return isCopy(claim) || hasSource(claim)
}

/** The annotation that distinguishes the claim from its copies. */
export function ownMark(live: Claim | undefined): Record<string, string> {
  const uid = live?.metadata?.uid
  return uid === undefined ? {} : { [CLAIM_UID_ANNOTATION]: uid }
}

/**
 * @param live the existing claim: its annotations are kept, and none is added
 * @param replaces UID of the claim on record that a new one takes the place of
 */
export function birthMarks(
  owner: string | undefined,
  live: Claim | undefined,
  replaces: string | undefined,
): Record<string, string> {
  if (live) return keptMarks(live, [MADE_BY_ANNOTATION, REPLACES_ANNOTATION])
  return {
    ...(owner === undefined ? {} : { [MADE_BY_ANNOTATION]: owner }),
    ...(replaces === undefined ? {} : { [REPLACES_ANNOTATION]: replaces }),
  }
}

/** The claim's annotations among `keys`. */
export function keptMarks(claim: Claim | undefined, keys: readonly string[]): Record<string, string> {
  const annotations = claim?.metadata?.annotations ?? {}
  return Object.fromEntries(
    keys.flatMap(key => {
      const value = annotations[key]
      return value === undefined ? [] : [[key, value] as const]
    }),
  )
}

/** The sources of a volume's genesis file and first state, as text that is compared and shown. */
export interface VolumeOrigin {
  readonly genesis: string
  readonly snapshot: string
}

export function volumeOrigin({ chainId, genesis, snapshot, replayer }: SeiNodeSpec): VolumeOrigin {
  const { s3, stateSync } = replayer?.snapshot ?? snapshot ?? {}
  const height = s3?.targetHeight === undefined ? '' : ` up to height ${s3.targetHeight}`
  return {
    genesis: genesis?.s3?.uri ?? 'built-in',
    snapshot: s3 ? `${s3.uri ?? `s3://${chainId}-snapshots/state-sync/`}${height}` : stateSync ? 'state sync' : 'none',
  }
}
