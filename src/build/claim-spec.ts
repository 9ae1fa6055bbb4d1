/** The spec of a PersistentVolumeClaim, limited to what can change in a live one: `claimSpec`; its size: `decideSize`. */
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from 'kubernetes-types/core/v1.d.ts'
import { assertNever } from '../lib/assert-never.ts'
import { compareQuantities } from '../lib/quantity.ts'

export interface WantedVolume {
  readonly accessMode: 'ReadWriteOnce' | 'ReadWriteMany'
  readonly className: string
  /** A Kubernetes quantity; undefined where the spec names no size. */
  readonly size: string | undefined
  /** Size of a new claim if the spec names none. A platform default never resizes a live claim. */
  readonly defaultSize: string
}

/** What is known about resizing a live claim. */
export interface Resizing {
  /** False if its StorageClass does not allow volume expansion. */
  readonly canGrow: boolean
  /** True if the API server has just refused the resize, so that the other fields are applied without it. */
  readonly keepSize?: boolean
}

/** The decision on the size that a live claim requests. */
export type SizeDecision =
  /** It requests the size of the spec, or the spec names none. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'resize'; readonly to: string }
  /** Only a bound claim can be resized. */
  | { readonly kind: 'unbound' }
  /** Its StorageClass does not allow volume expansion. */
  | { readonly kind: 'no-growth' }
  /** The spec asks for less than the capacity, and volumes cannot shrink. */
  | { readonly kind: 'below-capacity' }
  /** The spec asks for exactly the capacity; the API server accepts only a request above it. */
  | { readonly kind: 'at-capacity' }

/**
 * A request can be raised if the StorageClass allows expansion. It can be lowered to any size above the capacity on
 * Kubernetes 1.32 and newer, and not at all on older releases.
 * @param wanted undefined if the spec leaves the request to the user
 */
export function decideSize(wanted: string | undefined, live: PersistentVolumeClaim, canGrow: boolean): SizeDecision {
  const requested = requestOf(live)
  if (wanted === undefined || requested === undefined) return { kind: 'keep' }
  const order = compareQuantities(wanted, requested)
  if (order === 0) return { kind: 'keep' }
  const capacity = capacityOf(live)
  if (live.status?.phase !== 'Bound' || capacity === undefined) return { kind: 'unbound' }
  const room = compareQuantities(wanted, capacity)
  if (order > 0) {
    if (canGrow) return { kind: 'resize', to: wanted }
    // Drivers round sizes up: the capacity may be large enough already.
    return room > 0 ? { kind: 'no-growth' } : { kind: 'keep' }
  }
  if (room > 0) return { kind: 'resize', to: wanted }
  return { kind: room < 0 ? 'below-capacity' : 'at-capacity' }
}

/**
 * A claim's class and access modes are immutable. Its size follows the spec where that is possible (`decideSize`) and is
 * unchanged otherwise: an apply that is always refused would block the other fields too.
 */
export function claimSpec(
  { accessMode, className, size, defaultSize }: WantedVolume,
  live: PersistentVolumeClaim | undefined,
  { canGrow, keepSize = false }: Resizing,
): PersistentVolumeClaimSpec {
  if (!live) {
    return {
      accessModes: [accessMode],
      storageClassName: className,
      resources: { requests: { storage: size ?? defaultSize } },
    }
  }
  const { storageClassName, accessModes = [accessMode] } = live.spec ?? {}
  const requested = requestOf(live) ?? size ?? defaultSize
  return {
    accessModes,
    ...(storageClassName === undefined ? {} : { storageClassName }),
    resources: { requests: { storage: keepSize ? requested : sizeOf(decideSize(size, live, canGrow), requested) } },
  }
}

export function requestOf(claim: PersistentVolumeClaim): string | undefined {
  return claim.spec?.resources?.requests?.storage
}

/** The volume's capacity; undefined before the claim is bound. */
export function capacityOf(claim: PersistentVolumeClaim): string | undefined {
  return claim.status?.capacity?.storage
}

function sizeOf(decision: SizeDecision, requested: string): string {
  switch (decision.kind) {
    case 'resize':
      return decision.to
    case 'keep':
    case 'unbound':
    case 'no-growth':
    case 'below-capacity':
    case 'at-capacity':
      return requested
    default:
      return assertNever(decision)
  }
}
