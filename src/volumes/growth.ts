/** Whether a volume grows now, as `spec.storage.autoGrow` says, and if not, why: `decideGrowth`, `nextSize`. Pure. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { AutoGrow } from '../api/auto-grow.ts'
import { growthLimit, growthRecord, type GrowthRecord } from '../build/claim-growth.ts'
import { capacityOf, requestOf } from '../build/claim-spec.ts'
import { parseGoDuration } from '../lib/go-duration.ts'
import { compareQuantities, parseQuantity } from '../lib/quantity.ts'

/** How much of a volume is in use. */
export interface VolumeLevel {
  /** Of the bytes or of the inodes, whichever is more. */
  readonly percent: number
  /** Capacity of its file system. */
  readonly fileSystemBytes: number
  /** That of before the last growth, whoever asked for it; undefined where nobody knows. */
  readonly outgrownBytes?: number | undefined
  /** By the clock of its kubelet, milliseconds since the epoch; undefined where nobody knows. */
  readonly measuredAt: number | undefined
}

export interface GrowthFacts {
  readonly autoGrow: AutoGrow
  /** `spec.storage.size`: where it is above the capacity, it is what the claim asks for next. */
  readonly size: string | number | undefined
  readonly claim: Readonly<PersistentVolumeClaim> | undefined
  /** Its StorageClass allows volume expansion. */
  readonly canGrow: boolean
  /** Undefined while it is not known. */
  readonly level: VolumeLevel | undefined
  /** When the volume last grew, whoever asked for it, milliseconds since the epoch; undefined where it has not, or nobody knows. */
  readonly resizedAt: number | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

export type GrowthDecision =
  | { readonly kind: 'not-allowed' }
  /** No volume is bound to the claim, or it is about to go. */
  | { readonly kind: 'unbound' }
  | { readonly kind: 'growing' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'below'; readonly to: string }
  /** It has `maxSize`, however much of it is in use. */
  | { readonly kind: 'at-max' }
  /** The file system is no larger than before the last growth: more would not help. */
  | { readonly kind: 'unchanged' }
  /**
   * What is known of it is older than its last growth.
   * @param since of that growth, milliseconds since the epoch
   */
  | { readonly kind: 'outdated'; readonly since: number }
  /** @param until milliseconds since the epoch */
  | { readonly kind: 'cooling'; readonly until: number; readonly to: string }
  | { readonly kind: 'due'; readonly to: string }

const GIB = 2n ** 30n
/** `parseQuantity` counts in billionths. */
const UNIT = 10n ** 9n

export function decideGrowth({ autoGrow, size, claim, canGrow, level, resizedAt, now }: GrowthFacts): GrowthDecision {
  const capacity = claim && capacityOf(claim)
  if (!canGrow) return { kind: 'not-allowed' }
  const isLeaving = claim?.metadata?.deletionTimestamp !== undefined
  if (!claim || capacity === undefined || claim.status?.phase !== 'Bound' || isLeaving) return { kind: 'unbound' }
  const isWanted = size !== undefined && compareQuantities(String(size), capacity) > 0
  if (isWanted || isGrowing(claim, capacity)) return { kind: 'growing' }
  const to = nextSize(capacity, autoGrow)
  if (to === undefined) return { kind: 'at-max' }
  if (!level) return { kind: 'unknown' }
  if (level.percent < autoGrow.whenUsedPercent) return { kind: 'below', to }
  const record = growthRecord(claim)
  const isOfCapacity = fills(level, capacity)
  if (resizedAt !== undefined && !isOfCapacity && isBefore(level, resizedAt, claim, record))
    return { kind: 'outdated', since: resizedAt }
  const outgrown = Math.max(record?.fileSystemBytes ?? 0, isOfCapacity ? 0 : (level.outgrownBytes ?? 0))
  if (level.fileSystemBytes <= outgrown) return { kind: 'unchanged' }
  const coolDown = coolDownMs(autoGrow)
  // A later time is of a clock that was wrong, or of a person: it does not stop growth for good.
  const ends = [record && Date.parse(record.at), resizedAt].flatMap(at =>
    at === undefined || at > now + coolDown ? [] : [at + coolDown],
  )
  const until = Math.max(0, ...ends)
  return now < until ? { kind: 'cooling', until, to } : { kind: 'due', to }
}

/** What ext4 keeps of a small volume for itself is about a twentieth. */
const FILLING_SHARE = 0.95

/** Whether the file system is of the present capacity: one from before a growth is smaller, the disk of a server is larger. */
function fills({ fileSystemBytes }: VolumeLevel, capacity: string): boolean {
  const bytes = Number((parseQuantity(capacity) ?? 0n) / UNIT)
  return fileSystemBytes >= FILLING_SHARE * bytes && fileSystemBytes <= bytes
}

/** Times of the API server are whole seconds. */
const SECOND_MS = 1000

/** Whether it was measured before the growth that ended at `resized`. */
function isBefore(
  { measuredAt }: VolumeLevel,
  resized: number,
  claim: Readonly<PersistentVolumeClaim>,
  record: GrowthRecord | undefined,
): boolean {
  if (measuredAt !== undefined) return measuredAt < resized + SECOND_MS
  // Of a growth that the operator asked for, the file system of the record tells.
  const request = requestOf(claim)
  return record?.to === undefined || request === undefined || compareQuantities(record.to, request) !== 0
}

/** Above the capacity, and at most `maxSize`, in whole GiB; undefined where the capacity is that already. */
export function nextSize(capacity: string, { by, maxSize }: Pick<AutoGrow, 'by' | 'maxSize'>): string | undefined {
  const most = growthLimit({ maxSize })
  if (compareQuantities(capacity, most) >= 0) return undefined
  const present = parseQuantity(capacity) ?? 0n
  const step = String(by).endsWith('%')
    ? (present * BigInt(Number.parseInt(String(by), 10))) / 100n
    : (parseQuantity(by) ?? 0n)
  const gib = GIB * UNIT
  const size = `${(present + (step > gib ? step : gib) + gib - 1n) / gib}Gi`
  return compareQuantities(size, most) < 0 ? size : most
}

/** @throws TypeError where the API server accepted what is no duration */
export function coolDownMs({ coolDown }: Pick<AutoGrow, 'coolDown'>): number {
  const ms = parseGoDuration(coolDown)
  if (ms === undefined) throw new TypeError(`spec.storage.autoGrow.coolDown: expected a duration, found "${coolDown}"`)
  return ms
}

/** A growth was asked for, by whomever, and has not ended. */
function isGrowing(claim: Readonly<PersistentVolumeClaim>, capacity: string): boolean {
  const { allocatedResourceStatuses, conditions = [] } = claim.status ?? {}
  const isUnderWay = conditions.some(
    ({ type, status }) => status === 'True' && (type === 'Resizing' || type === 'FileSystemResizePending'),
  )
  const requested = requestOf(claim) ?? capacity
  return (
    isUnderWay || allocatedResourceStatuses?.['storage'] !== undefined || compareQuantities(requested, capacity) > 0
  )
}
