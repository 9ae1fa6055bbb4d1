/** How the data volumes of a pool grow by themselves, as its `spec.storage.autoGrow` says: `dueGrowth`, `observeGrowth`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { GrowthReason } from '../../../api/growth-conditions.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import type { ClaimGrowth } from '../../../build/claim-growth.ts'
import { type NodeNames, poolNames } from '../../../build/pool/names.ts'
import { isOwn } from '../../shared/children/ownership.ts'
import { mayGrow } from '../../shared/claims/claims.ts'
import { evaluateGrowth, type Growth } from '../../shared/volumes/growth.ts'
import { growthDueAt, type GrowthFinding, growthFinding } from '../../shared/volumes/growth-text.ts'
import type { VolumeFinding } from '../../shared/volumes/observer.ts'
import type { PoolDependencies } from '../dependencies.ts'
import { poolOwner } from '../owner.ts'

type Claim = Readonly<PersistentVolumeClaim>
type Dependencies = Pick<PoolDependencies, 'stores' | 'volumes' | 'clock' | 'platform'>

/** What is said first of the volumes of a pool. */
const ORDER: readonly GrowthReason[] = [
  'GrowthFailed',
  'GrowthRefused',
  'GrowthNotAllowed',
  'MaxSizeReached',
  'Growing',
  'CoolingDown',
  'NotObserved',
  'NotBound',
  'BelowThreshold',
]
/** Volumes that a message names. */
const NAMED = 4

/** Claims as a reconcile left them. */
interface DataVolumes {
  /** By node, from 0 on. */
  readonly data: readonly (Claim | undefined)[]
  /** The API server's words, where it refuses a growth, by name of the claim. */
  readonly sizeRefusals?: ReadonlyMap<string, string>
}

export interface PoolGrowth extends GrowthFinding {
  /** When the next volume may grow again, or is to be looked at again, milliseconds since the epoch. */
  readonly dueAt: number | undefined
  /** What is known is as an earlier process said, or not asked for yet. */
  readonly isRecorded: boolean
}

/** What the claim of that node has to ask for now; undefined if nothing. */
export function dueGrowth(
  pool: SeiNodePool,
  names: NodeNames,
  claim: Claim | undefined,
  dependencies: Dependencies,
): ClaimGrowth | undefined {
  return growthOf(pool, names, claim, dependencies)?.growth
}

/** @returns undefined without `spec.storage.autoGrow` */
export function observeGrowth(
  pool: SeiNodePool,
  volumes: DataVolumes,
  dependencies: Dependencies,
): PoolGrowth | undefined {
  const found = poolNames(pool).nodes.flatMap(names => {
    const each = observeOne(pool, names, volumes, dependencies)
    return each ? [each] : []
  })
  const reason = ORDER.find(one => found.some(each => each.reason === one))
  if (reason === undefined) return undefined
  const told = found.filter(each => each.reason === reason).map(({ message }) => message)
  const rest = told.length > NAMED ? `; and ${told.length - NAMED} more` : ''
  const due = found.flatMap(({ dueAt }) => dueAt ?? [])
  return {
    reason,
    message: `${told.slice(0, NAMED).join('; ')}${rest}`,
    dueAt: due.length === 0 ? undefined : Math.min(...due),
    isRecorded: found.some(({ isUnasked }) => isUnasked) || found.every(({ isRecorded }) => isRecorded),
  }
}

interface VolumeGrowth extends GrowthFinding {
  readonly dueAt: number | undefined
  readonly isUnasked: boolean
  readonly isRecorded: boolean
}

function observeOne(
  pool: SeiNodePool,
  names: NodeNames,
  volumes: DataVolumes,
  dependencies: Dependencies,
): VolumeGrowth | undefined {
  const { autoGrow } = pool.spec.storage ?? {}
  const claim = volumes.data[names.index]
  const growth = growthOf(pool, names, claim, dependencies)
  if (!autoGrow || !growth) return undefined
  const { decision, level, isMounted } = growth
  const finding = findingOf(pool, names, dependencies)
  const className = classOf(pool, claim, dependencies)
  const refusal = volumes.sizeRefusals?.get(names.dataVolume)
  const claimName = names.dataVolume
  return {
    ...growthFinding({ autoGrow, claimName, claim, className, decision, level, isMounted, finding, refusal }),
    dueAt: growthDueAt(decision, dependencies.clock.now()),
    isUnasked: decision.kind === 'unknown' && finding === undefined,
    isRecorded: finding?.kind === 'known' && finding.isRecorded,
  }
}

function growthOf(
  pool: SeiNodePool,
  names: NodeNames,
  claim: Claim | undefined,
  dependencies: Dependencies,
): Growth | undefined {
  const { autoGrow, size } = pool.spec.storage ?? {}
  if (!autoGrow) return undefined
  const { stores, volumes, clock } = dependencies
  const found = stores.nodes.get(keyOf(pool, names))
  const node = found && isOwn(found, poolOwner(pool)) ? found : undefined
  const canGrow = mayGrow(claim, classOf(pool, claim, dependencies), stores.storageClasses)
  return evaluateGrowth(autoGrow, { size, claim, canGrow, node }, { volumes, clock, pods: stores.nodePods })
}

function findingOf(pool: SeiNodePool, names: NodeNames, { volumes }: Dependencies): VolumeFinding | undefined {
  return volumes.finding(keyOf(pool, names))
}

function keyOf({ metadata: { namespace } }: SeiNodePool, { node }: NodeNames): string {
  return `${namespace}/${node}`
}

function classOf({ spec }: SeiNodePool, claim: Claim | undefined, { platform }: Dependencies): string {
  return claim?.spec?.storageClassName ?? spec.storage?.storageClassName ?? platform.storageClassPerf
}
