/** What is on record on a claim of the growths that the operator has asked for, and the size that the claim has to have: `growthRecord`, `wantedSize`, `growthMarks`, `growthLimit`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { AutoGrow } from '../api/auto-grow.ts'
import { compareQuantities, parseQuantity, wholeGiB } from '../lib/quantity.ts'
import { capacityOf, requestOf } from './claim-spec.ts'

/** When the operator last asked for a growth, RFC 3339. */
const GROWN_AT_ANNOTATION = 'sei.io/grown-at'
/** The size that it asked for. */
const GROWN_TO_ANNOTATION = 'sei.io/grown-to'
/** Bytes of the file system that was filling then. */
const GROWN_FROM_ANNOTATION = 'sei.io/grown-from-bytes'
/** How many growths it has asked for. */
const GROWTHS_ANNOTATION = 'sei.io/growths'

/** Of an int32, as the field of status is. */
const MAX_COUNT = 2 ** 31 - 2

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

/** Undefined if the operator has asked for no growth of the claim. Whoever may change claims may have changed the annotations. */
export function growthRecord(claim: Claim | undefined): GrowthRecord | undefined {
  const annotations = claim?.metadata?.annotations ?? {}
  const at = Date.parse(annotations[GROWN_AT_ANNOTATION] ?? '')
  if (Number.isNaN(at)) return undefined
  const to = annotations[GROWN_TO_ANNOTATION]
  return {
    at: new Date(at).toISOString(),
    to: to === undefined || parseQuantity(to) === undefined ? undefined : to,
    fileSystemBytes: countOf(annotations[GROWN_FROM_ANNOTATION], Number.MAX_SAFE_INTEGER) ?? 0,
    count: countOf(annotations[GROWTHS_ANNOTATION], MAX_COUNT) ?? 1,
  }
}

/** Undefined if it is no whole number from 0 to `most`. */
function countOf(text: string | undefined, most: number): number | undefined {
  const count = Number(text === undefined || text.trim() === '' ? Number.NaN : text)
  return Number.isInteger(count) && count >= 0 && count <= most ? count : undefined
}

/** The largest size that is asked for: `maxSize` in whole GiB, since drivers round up to them. */
export function growthLimit({ maxSize }: Pick<AutoGrow, 'maxSize'>): string {
  return `${wholeGiB(maxSize)}Gi`
}

/**
 * The size that the claim has to request: that of the spec, or what the claim was grown to where that is more. A size above
 * the capacity is what a user wants now, and wins over a growth that has not come yet; so does a lower `maxSize`. Where that is
 * not above the capacity, what is left of such a growth is the least that the API server takes a request back to.
 * @returns undefined if the request belongs to the claim's user
 */
export function wantedSize(storage: StorageSize | undefined, claim: Claim | undefined): string | undefined {
  const size = storage?.size === undefined ? undefined : String(storage.size)
  const grown = grownSize(storage, claim)
  const isLarger = size !== undefined && grown !== undefined && compareQuantities(size, grown) > 0
  const wanted = isLarger ? size : (grown ?? size)
  return storage?.autoGrow && claim && hasMore(claim, wanted) ? undefined : wanted
}

/** Its user has enlarged the volume beyond that size. With `autoGrow` the size of the spec is the least one. */
function hasMore(claim: Claim, wanted: string | undefined): boolean {
  const [request, capacity] = [requestOf(claim), capacityOf(claim)]
  if (wanted === undefined || request === undefined || capacity === undefined) return false
  return compareQuantities(request, wanted) > 0 && compareQuantities(capacity, request) >= 0
}

/** Undefined where no growth counts. */
function grownSize(storage: StorageSize | undefined, claim: Claim | undefined): string | undefined {
  const recorded = growthRecord(claim)?.to
  if (!claim || recorded === undefined) return undefined
  const { size, autoGrow } = storage ?? {}
  const capacity = capacityOf(claim)
  const isAbove = (wanted: string | number): boolean =>
    capacity !== undefined && compareQuantities(String(wanted), capacity) > 0
  const request = requestOf(claim)
  const isReplaced = request === undefined || compareQuantities(recorded, request) !== 0
  if (size === undefined ? isReplaced : isAbove(size)) return undefined
  // Both were written at once: an annotation that somebody changed since raises no request.
  const to = request !== undefined && compareQuantities(recorded, request) > 0 ? request : recorded
  const limit = autoGrow && growthLimit(autoGrow)
  if (limit === undefined || capacity === undefined || !isAbove(to) || compareQuantities(to, limit) <= 0) return to
  const least = isAbove(limit) ? limit : `${wholeGiB(capacity) + 1n}Gi`
  return compareQuantities(least, to) < 0 ? least : to
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
