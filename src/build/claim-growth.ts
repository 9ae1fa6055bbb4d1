/** What is on record on a claim of the growths that the operator has asked for, and the size that the claim has to have: `growthRecord`, `wantedSize`, `growthMarks`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { AutoGrow } from '../api/auto-grow.ts'
import { compareQuantities } from '../lib/quantity.ts'
import { capacityOf, requestOf } from './claim-spec.ts'

/** When the operator last asked for a growth, RFC 3339. */
const GROWN_AT_ANNOTATION = 'sei.io/grown-at'
/** The size that it asked for. */
const GROWN_TO_ANNOTATION = 'sei.io/grown-to'
/** Bytes of the file system that was filling then. */
const GROWN_FROM_ANNOTATION = 'sei.io/grown-from-bytes'
/** How many growths it has asked for. */
const GROWTHS_ANNOTATION = 'sei.io/growths'

type Claim = Readonly<PersistentVolumeClaim>

/** A growth to ask for. */
export interface ClaimGrowth {
  /** A Kubernetes quantity. */
  readonly to: string
  /** RFC 3339. */
  readonly at: string
  readonly fileSystemBytes: number
}

/** The last growth that the operator asked for. */
export interface GrowthRecord {
  /** RFC 3339. */
  readonly at: string
  /** Undefined where a size of the spec has replaced it. */
  readonly to: string | undefined
  readonly fileSystemBytes: number
  readonly count: number
}

/** What of `spec.storage` decides a claim's size. */
export interface StorageSize {
  readonly size?: string | number
  readonly autoGrow?: Pick<AutoGrow, 'maxSize'>
}

/** Undefined if the operator has asked for no growth of the claim. */
export function growthRecord(claim: Claim | undefined): GrowthRecord | undefined {
  const annotations = claim?.metadata?.annotations ?? {}
  const at = annotations[GROWN_AT_ANNOTATION]
  if (at === undefined || Number.isNaN(Date.parse(at))) return undefined
  return {
    at,
    to: annotations[GROWN_TO_ANNOTATION],
    fileSystemBytes: Number(annotations[GROWN_FROM_ANNOTATION] ?? 0),
    count: Number(annotations[GROWTHS_ANNOTATION] ?? 1),
  }
}

/**
 * The size that the claim has to request: that of the spec, or what the claim was grown to where that is more. A size above
 * the capacity is what a user wants now, and wins over a growth that has not come yet; so does a lower `maxSize`.
 * @returns undefined if the request belongs to the claim's user
 */
export function wantedSize(storage: StorageSize | undefined, claim: Claim | undefined): string | undefined {
  const size = storage?.size === undefined ? undefined : String(storage.size)
  const grown = grownSize(storage, claim)
  if (grown === undefined) return size
  return size !== undefined && compareQuantities(size, grown) > 0 ? size : grown
}

/** Undefined where no growth counts. */
function grownSize(storage: StorageSize | undefined, claim: Claim | undefined): string | undefined {
  const to = growthRecord(claim)?.to
  if (!claim || to === undefined) return undefined
  const { size, autoGrow } = storage ?? {}
  const capacity = capacityOf(claim)
  const isAbove = (wanted: string | number): boolean =>
    capacity !== undefined && compareQuantities(String(wanted), capacity) > 0
  const request = requestOf(claim)
  const isReplaced = request === undefined || compareQuantities(to, request) !== 0
  if (size === undefined ? isReplaced : isAbove(size)) return undefined
  const { maxSize } = autoGrow ?? {}
  return maxSize !== undefined && isAbove(maxSize) && compareQuantities(to, String(maxSize)) > 0 ? String(maxSize) : to
}

/**
 * @param growth to ask for in the same write
 * @param isKept true if the claim's request stays as it is
 */
export function growthMarks(
  storage: StorageSize | undefined,
  live: Claim | undefined,
  growth: ClaimGrowth | undefined,
  isKept: boolean,
): Record<string, string> {
  const record = growthRecord(live)
  if (growth && live && !isKept) {
    const { at, to, fileSystemBytes } = growth
    return marks({ at, to, fileSystemBytes, count: (record?.count ?? 0) + 1 })
  }
  return record ? marks(isKept ? record : { ...record, to: grownSize(storage, live) }) : {}
}

function marks({ at, to, fileSystemBytes, count }: GrowthRecord): Record<string, string> {
  return {
    [GROWN_AT_ANNOTATION]: at,
    ...(to === undefined ? {} : { [GROWN_TO_ANNOTATION]: to }),
    [GROWN_FROM_ANNOTATION]: String(fileSystemBytes),
    [GROWTHS_ANNOTATION]: String(count),
  }
}
