/** When the capacity of a claim last changed, whoever asked for it: `resizedAt`; what a cache keeps for that: `resizeFields`. Pure. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts'

/**
 * The API server notes when each client last wrote fields that it owns, to the second. The owner of the capacity is the driver
 * or the kubelet that ended the last growth. Before the first growth it is the client that bound the claim, which owns its
 * phase too.
 * @returns milliseconds since the epoch; undefined for a volume that has not grown
 */
export function resizedAt(claim: Readonly<PersistentVolumeClaim>): number | undefined {
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
