/** The spec of a PersistentVolumeClaim, new or as a live one can still become: `claimSpec`; its size alone: `decideSize`. */
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from 'kubernetes-types/core/v1.d.ts'
import { assertNever } from '../lib/assert-never.ts'
import { compareQuantities } from '../lib/quantity.ts'

export interface WantedVolume {
  readonly accessMode: 'ReadWriteOnce' | 'ReadWriteMany'
  readonly className: string
  /** A Kubernetes quantity; undefined where the spec names no size. */
  readonly size: string | undefined
  /** The size of a new claim where the spec names none. A platform default never resizes a live claim. */
  readonly defaultSize: string
}

/** What may be done about the size of a live claim. */
export interface Resizing {
  /** False: its StorageClass does not let volumes grow. */
  readonly canGrow: boolean
  /** True: the API server has just refused the change of its request, so the rest is applied without it. */
  readonly keepSize?: boolean
}

/** What becomes of the size that a live claim asks for. */
export type SizeDecision =
  /** It asks for what the spec wants, or the spec wants no size. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'resize'; readonly to: string }
  /** Only a claim that is bound may be resized. */
  | { readonly kind: 'unbound' }
  /** Its StorageClass does not let volumes grow. */
  | { readonly kind: 'no-growth' }
  /** The spec wants less than the volume has, which cannot shrink. */
  | { readonly kind: 'below-capacity' }
  /** The spec wants what the volume has; the API server lowers a request only to more than that. */
  | { readonly kind: 'at-capacity' }

/**
 * A request can be raised where the StorageClass allows it. It can be lowered while the volume has not grown that far: any
 * size above the capacity is accepted by Kubernetes 1.32 and newer, none by older releases.
 * @param wanted undefined: the request is nobody's but its user's
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
    // Drivers round sizes up: what is wanted may be there already.
    return room > 0 ? { kind: 'no-growth' } : { kind: 'keep' }
  }
  if (room > 0) return { kind: 'resize', to: wanted }
  return { kind: room < 0 ? 'below-capacity' : 'at-capacity' }
}

/**
 * A claim's class and access modes are immutable. Its size follows the spec as far as that is possible (`decideSize`) and
 * else stays as it is: an apply that is refused for ever would keep everything else from the claim.
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

/** What the volume has; undefined before it is bound. */
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
