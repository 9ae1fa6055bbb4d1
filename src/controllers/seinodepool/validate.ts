/** What of a pool's spec only the cluster can tell: `validatePool`. Pure; the API server has checked all else at apply time. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { PoolReason } from '../../api/conditions.ts'
import { MAX_POOL_OVERRIDES_SIZE } from '../../api/limits.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { PlatformConfig } from '../../build/platform.ts'
import { refusedSettings } from '../../plan/refused-settings.ts'
import { poolReason } from '../shared/conditions.ts'
import { askedSize, evaluateSize } from '../shared/claims/claim-size.ts'
import { madeBy } from '../../build/claim-marks.ts'
import { ceremonyMarks, genesisSpecHash } from '../../build/pool/volume.ts'
import { storageAsIs } from '../../plan/adopted-as-is.ts'

export interface PoolSpecEvaluation {
  readonly reason: PoolReason<'SpecValid'>
  readonly message: string
}

export interface PoolSpecFacts {
  /** The claims as they stand, the genesis volume first. */
  readonly claims: readonly (Readonly<PersistentVolumeClaim> | undefined)[]
  /** Unknown where the operator may not read StorageClasses. */
  readonly classExists: (name: string) => boolean | 'unknown'
  /** The API server's words, by name of the claim whose size it has refused. */
  readonly sizeRefusals?: ReadonlyMap<string, string> | undefined
  /** The size that a claim was to grow to in this reconcile, by its name. */
  readonly growsTo?: ReadonlyMap<string, string> | undefined
  readonly canGrow: (claim: Readonly<PersistentVolumeClaim>) => boolean
}

export function validatePool(pool: SeiNodePool, facts: PoolSpecFacts, platform: PlatformConfig): PoolSpecEvaluation {
  return (
    storageClasses(pool, facts, platform) ??
    volumeSize(pool, facts) ??
    refusedSetting(pool) ??
    adoptedVolumes(pool, facts) ??
    uncheckedClasses(pool, facts, platform) ?? { reason: 'Valid', message: 'the spec is valid' }
  )
}

interface NeededClass {
  readonly name: string
  /** Who names it. */
  readonly source: string
}

// A bound claim needs its class no more.
function neededClasses(
  { spec }: SeiNodePool,
  { claims }: PoolSpecFacts,
  platform: PlatformConfig,
): readonly NeededClass[] {
  const ofData = spec.storage?.storageClassName
  const [genesis, ...data] = claims
  const wanted = [
    { users: [genesis], name: platform.storageClassGenesis, source: "the platform's, for genesis volumes" },
    {
      users: data,
      name: ofData ?? platform.storageClassPerf,
      source: ofData === undefined ? "the platform's default" : 'spec.storage.storageClassName',
    },
  ]
  return wanted.flatMap(({ users, name, source }) => {
    if (users.every(claim => claim?.status?.phase === 'Bound')) return []
    return [{ name: users.find(claim => claim !== undefined)?.spec?.storageClassName ?? name, source }]
  })
}

function storageClasses(
  pool: SeiNodePool,
  facts: PoolSpecFacts,
  platform: PlatformConfig,
): PoolSpecEvaluation | undefined {
  const missing = neededClasses(pool, facts, platform).find(({ name }) => facts.classExists(name) === false)
  if (missing === undefined) return undefined
  const message = `StorageClass ${missing.name} (${missing.source}) does not exist, so the volumes cannot be provisioned. Create the StorageClass, or name one that exists`
  return { reason: 'StorageClassNotFound', message }
}

function uncheckedClasses(
  pool: SeiNodePool,
  facts: PoolSpecFacts,
  platform: PlatformConfig,
): PoolSpecEvaluation | undefined {
  const unchecked = neededClasses(pool, facts, platform).filter(({ name }) => facts.classExists(name) === 'unknown')
  if (unchecked.length === 0) return undefined
  const names = unchecked.map(({ name }) => name).join(', ')
  const message = `the spec is valid, but the operator may not read StorageClasses and cannot check that StorageClass ${names} exists`
  return { reason: 'StorageClassNotChecked', message }
}

// Its nodes have it, and go on as they are; one that is made anew with it is refused.
function refusedSetting({ spec }: SeiNodePool): PoolSpecEvaluation | undefined {
  const { chainId, nodeConfiguration } = spec
  const refused = refusedSettings(nodeConfiguration, { chainId, maxSize: MAX_POOL_OVERRIDES_SIZE })
  if (refused === undefined) return undefined
  const message = `${refused}. Until then a SeiNode of the pool that is deleted cannot be created again`
  return { reason: 'SettingRefused', message }
}

/** Of the genesis volume, which is of the platform's size, only what became of a request that somebody else made. */
function volumeSize(
  pool: SeiNodePool,
  { claims, canGrow, sizeRefusals, growsTo }: PoolSpecFacts,
): PoolSpecEvaluation | undefined {
  const found = claims.flatMap((claim, index) => {
    if (!claim) return []
    const { name = '' } = claim.metadata ?? {}
    const storage = index === 0 ? undefined : pool.spec.storage
    const asked = askedSize(storage, claim, sizeRefusals?.get(name), growsTo?.get(name))
    const condition = evaluateSize({ ...asked, claim, canGrow: canGrow(claim) })
    // Told with all else that the volumes of an earlier pool cannot give.
    return condition && !(condition.reason === 'DataVolumeTooSmall' && isAdopted(pool, claim)) ? [condition] : []
  })
  // What waits hides nothing that failed.
  return found.find(({ reason }) => poolReason('SpecValid', reason).status === 'False') ?? found[0]
}

// They stay as they are, so what the spec asks for beyond that is asked of another network.
function adoptedVolumes(pool: SeiNodePool, { claims, classExists }: PoolSpecFacts): PoolSpecEvaluation | undefined {
  const { storageClassName } = pool.spec.storage ?? {}
  const exists = storageClassName === undefined || classExists(storageClassName)
  const [genesis, ...data] = claims
  const lacks = data.flatMap(claim => {
    if (!claim || !isAdopted(pool, claim)) return []
    const found = storageAsIs(pool.spec.storage, claim, exists)
    return found.length === 0 ? [] : [`of ${claim.metadata?.name} ${found.join(', ')}`]
  })
  const { spec } = ceremonyMarks(genesis)
  const isOther = genesis && isAdopted(pool, genesis) && spec !== undefined && spec !== genesisSpecHash(pool)
  const all = isOther
    ? ['spec.genesis differs from the one that the ceremony used, and the genesis is not changed', ...lacks]
    : lacks
  if (all.length === 0) return undefined
  const message = `the volumes retained from an earlier pool of this name are used unchanged: ${all.join('; ')}. To apply these fields, create a pool under another name`
  return { reason: 'VolumesAdoptedAsIs', message }
}

/** On record, and made for another pool. */
function isAdopted({ metadata, status }: SeiNodePool, claim: Readonly<PersistentVolumeClaim>): boolean {
  const maker = madeBy(claim)
  const { uid } = claim.metadata ?? {}
  const recorded = [status?.genesis?.volumeUID, ...(status?.nodes ?? []).map(({ dataVolumeUID }) => dataVolumeUID)]
  return maker !== undefined && maker !== metadata.uid && uid !== undefined && recorded.includes(uid)
}
