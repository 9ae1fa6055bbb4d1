/** The spec of a PersistentVolumeClaim, new or as one that stands can still become: `claimSpec`. */
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from 'kubernetes-types/core/v1.d.ts'
import { compareQuantities } from '../lib/quantity.ts'

export interface WantedVolume {
  readonly accessMode: 'ReadWriteOnce' | 'ReadWriteMany'
  readonly className: string
  /** A Kubernetes quantity. */
  readonly size: string
}

/**
 * A claim's class and access modes are immutable and its size never shrinks: a platform default that changes later, or a
 * claim kept from other times, must not become an apply that is refused for ever.
 * @param canGrow false: the StorageClass of `live` lets no volume grow, so the claim keeps its size
 */
export function claimSpec(
  wanted: WantedVolume,
  live: PersistentVolumeClaim | undefined,
  canGrow: boolean,
): PersistentVolumeClaimSpec {
  const { accessMode, className, size: wantedSize } = wanted
  if (!live) {
    return {
      accessModes: [accessMode],
      storageClassName: className,
      resources: { requests: { storage: wantedSize } },
    }
  }
  const { storageClassName, accessModes = [accessMode] } = live.spec ?? {}
  const held = live.spec?.resources?.requests?.storage
  const size = canGrow ? larger(wantedSize, held) : (held ?? wantedSize)
  return {
    accessModes,
    ...(storageClassName === undefined ? {} : { storageClassName }),
    resources: { requests: { storage: size } },
  }
}

function larger(wanted: string, live: string | undefined): string {
  return live !== undefined && compareQuantities(live, wanted) > 0 ? live : wanted
}
