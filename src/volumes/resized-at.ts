/** When the capacity of a claim last changed, whoever asked for it: `seenSize`, `notedResize`; what a cache keeps for that: `resizeFields`. Pure. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts'
import { capacityOf } from '../build/claim-spec.ts'
import { compareQuantities } from '../lib/quantity.ts'

/** What a process has seen of the size of a claim. */
export interface SeenSize {
  /** Of the claim. */
  readonly uid: string | undefined
  readonly capacity: string
  /** When it got that capacity, milliseconds since the epoch; undefined for a volume that has not grown, as far as it is known. */
  readonly resizedAt: number | undefined
}

/**
 * The API server's time moves with each status write of the client that owns the capacity, also with one that is no resize. So
 * it counts as it was when the capacity was seen first. A capacity that changes without such a time has changed now.
 * @param before what was seen so far
 * @param now milliseconds since the epoch
 * @returns `before` itself while the capacity stays
 */
export function seenSize(
  before: SeenSize | undefined,
  claim: Readonly<PersistentVolumeClaim>,
  now: number,
): SeenSize | undefined {
  const uid = claim.metadata?.uid
  const known = before?.uid === uid ? before : undefined
  const capacity = capacityOf(claim)
  if (capacity === undefined || capacity === known?.capacity) return known
  // No volume shrinks: a lower capacity is of a claim that was read earlier.
  if (known && compareQuantities(capacity, known.capacity) <= 0) return known
  const noted = notedResize(claim)
  // A time that is yet to come is of another clock: every figure would be older.
  return { uid, capacity, resizedAt: noted === undefined ? known && now : Math.min(noted, now) }
}

/**
 * The API server notes when each client last wrote fields that it owns, to the second. The owner of the capacity is the driver
 * or the kubelet that ended the last growth. Before the first growth it is the client that bound the claim, which owns its
 * phase too.
 * @returns milliseconds since the epoch, never before the last growth; undefined for a volume that has not grown
 */
export function notedResize(claim: Readonly<PersistentVolumeClaim>): number | undefined {
  const times = resizeFields(claim)
    .map(({ time }) => Date.parse(time ?? ''))
    .filter(Number.isFinite)
  return times.length === 0 ? undefined : Math.max(...times)
}

/** Without the fields that say nothing of it: those of a claim are larger than the rest of it. */
export function resizeFields({ metadata }: Readonly<PersistentVolumeClaim>): ManagedFieldsEntry[] {
  return (metadata?.managedFields ?? []).flatMap(({ time, fieldsV1 }) => {
    const status = fieldOf(fieldsV1, 'f:status')
    const isResize = fieldOf(status, 'f:capacity') !== undefined && fieldOf(status, 'f:phase') === undefined
    return isResize && time !== undefined ? [{ time, fieldsV1: { 'f:status': { 'f:capacity': {} } } }] : []
  })
}

function fieldOf(fields: object | undefined, name: string): object | undefined {
  const found: unknown = fields && Object.entries(fields).find(([key]) => key === name)?.[1]
  return typeof found === 'object' && found !== null ? found : undefined
}
