/** What of a pool's spec only the cluster can tell: `validatePool`. Pure; the API server has checked all else at apply time. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { PoolReason } from '../../api/conditions.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { PlatformConfig } from '../../build/platform.ts'
import { compareQuantities } from '../../lib/quantity.ts'

export interface PoolSpecVerdict {
  readonly reason: PoolReason<'SpecValid'>
  readonly message: string
}

export interface PoolSpecFacts {
  /** The claims as they stand, the genesis volume first. */
  readonly claims: readonly (Readonly<PersistentVolumeClaim> | undefined)[]
  readonly classExists: (name: string) => boolean
  readonly canGrow: (claim: Readonly<PersistentVolumeClaim>) => boolean
}

export function validatePool(pool: SeiNodePool, facts: PoolSpecFacts, platform: PlatformConfig): PoolSpecVerdict {
  return (
    storageClasses(pool, facts, platform) ??
    volumeSize(pool, facts) ?? { reason: 'Valid', message: 'the spec can be carried out' }
  )
}

// A bound claim needs its class no more.
function storageClasses(
  { spec }: SeiNodePool,
  { claims, classExists }: PoolSpecFacts,
  platform: PlatformConfig,
): PoolSpecVerdict | undefined {
  const ofData = spec.storage?.storageClassName
  const [genesis, ...data] = claims
  const wanted = [
    { claims: [genesis], name: platform.storageClassGenesis, source: "the platform's, for genesis volumes" },
    {
      claims: data,
      name: ofData ?? platform.storageClassPerf,
      source: ofData === undefined ? "the platform's default" : 'spec.storage.storageClassName',
    },
  ]
  for (const { claims: users, name, source } of wanted) {
    const className = users.find(claim => claim !== undefined)?.spec?.storageClassName ?? name
    if (classExists(className) || users.every(claim => claim?.status?.phase === 'Bound')) continue
    const message = `StorageClass ${className} (${source}) does not exist, so the volumes cannot be made: create the StorageClass, or name one that exists`
    return { reason: 'StorageClassNotFound', message }
  }
  return undefined
}

// Only what the user asks for: the platform's default size is for new volumes.
function volumeSize({ spec }: SeiNodePool, { claims, canGrow }: PoolSpecFacts): PoolSpecVerdict | undefined {
  const wanted = spec.storage?.size
  if (wanted === undefined) return undefined
  for (const claim of claims.slice(1)) {
    const held = claim?.spec?.resources?.requests?.storage
    if (!claim || held === undefined) continue
    const name = `PersistentVolumeClaim ${claim.metadata?.name}`
    const order = compareQuantities(String(wanted), held)
    if (order < 0) {
      const message = `spec.storage.size is ${wanted}, and ${name} has ${held} already, which cannot shrink: set at least ${held}`
      return { reason: 'DataVolumeTooSmall', message }
    }
    if (order > 0 && !canGrow(claim)) {
      const message = `spec.storage.size is ${wanted}, and ${name} stays at ${held}: StorageClass ${claim.spec?.storageClassName} does not let volumes grow. Set allowVolumeExpansion: true on it`
      return { reason: 'ExpansionNotAllowed', message }
    }
  }
  return undefined
}
