/** A pool's claims: `applyVolumes`, `keepVolumes`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { type NodeNames, poolNames } from '../../build/pool/names.ts'
import { buildGenesisVolume, buildPoolDataVolume, type PoolVolumeState } from '../../build/pool/volume.ts'
import type { Resizing } from '../../build/claim-spec.ts'
import { applyClaim } from '../shared/apply-claim.ts'
import { type ChildProblem, problemOf } from '../shared/child-problem.ts'
import { isTerminating } from '../shared/deletion.ts'
import { isOwn } from '../shared/ownership.ts'
import { disown } from '../shared/volume.ts'
import type { PoolDependencies } from './dependencies.ts'
import { poolOwner } from './owner.ts'

export interface PoolVolumes {
  readonly genesis?: Readonly<PersistentVolumeClaim> | undefined
  /** By node, from 0 on: also one that is being deleted, and one that was prepared and belongs to something else by now. */
  readonly data: readonly (Readonly<PersistentVolumeClaim> | undefined)[]
  /** The API server's words, where it refuses the size that the spec asks for, by name of the claim. */
  readonly sizeRefusals?: ReadonlyMap<string, string>
  /** The first claim that is not as it should be, and why. */
  readonly problem?: ChildProblem | undefined
}

/** @param mayCreate false for a node whose claim is not to be made where there is none */
export async function applyVolumes(
  pool: SeiNodePool,
  mayCreate: (names: NodeNames) => boolean,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<PoolVolumes> {
  const { platform } = dependencies
  const { genesisVolume, nodes } = poolNames(pool)
  const present = presentVolumes(pool, dependencies)
  const isPublished = pool.status?.genesis?.hash !== undefined
  const [genesis, ...data] = await Promise.all([
    applyVolume(
      pool,
      genesisVolume,
      state => buildGenesisVolume(pool, platform, state, isPublished),
      dependencies,
      signal,
    ),
    ...nodes.map((names): AppliedVolume | Promise<AppliedVolume> =>
      present.data[names.index] === undefined && !mayCreate(names)
        ? {}
        : applyVolume(
            pool,
            names.dataVolume,
            state => buildPoolDataVolume(pool, names, platform, state),
            dependencies,
            signal,
          ),
    ),
  ])
  const applied = [genesis, ...data]
  return {
    genesis: genesis?.claim,
    data: data.map(({ claim, standing }) => claim ?? (standing && isInUse(pool, standing) ? standing : undefined)),
    // Of a prepared claim that belongs to something else the condition NodesPrepared tells.
    problem: applied.find(({ problem, standing }) => problem && !(standing && isPrepared(pool, standing)))?.problem,
    sizeRefusals: new Map(applied.flatMap(({ claim, sizeRefusal }) => refusalOf(claim, sizeRefusal))),
  }
}

/** There, though it may not be changed: the pool's own that is being deleted, or one that is on record as prepared. */
function isInUse(pool: SeiNodePool, claim: Readonly<PersistentVolumeClaim>): boolean {
  return isPrepared(pool, claim) || (isTerminating(claim) && isOwn(claim, poolOwner(pool)))
}

function isPrepared({ status }: SeiNodePool, { metadata }: Readonly<PersistentVolumeClaim>): boolean {
  return (
    status?.nodes?.some(({ dataVolumeUID }) => dataVolumeUID !== undefined && dataVolumeUID === metadata?.uid) === true
  )
}

function refusalOf(
  claim: Readonly<PersistentVolumeClaim> | undefined,
  refusal: string | undefined,
): readonly (readonly [string, string])[] {
  return claim && refusal !== undefined ? [[claim.metadata?.name ?? '', refusal]] : []
}

/** The claims as they stand, for a pool that nothing is to be changed for. */
export function presentVolumes(pool: SeiNodePool, { stores }: Pick<PoolDependencies, 'stores'>): PoolVolumes {
  const owner = poolOwner(pool)
  const { genesisVolume, nodes } = poolNames(pool)
  const find = (name: string): Readonly<PersistentVolumeClaim> | undefined => {
    const claim = stores.volumes.get(`${pool.metadata.namespace}/${name}`)
    return claim && (isOwn(claim, owner) || isPrepared(pool, claim)) ? claim : undefined
  }
  return { genesis: find(genesisVolume), data: nodes.map(({ dataVolume }) => find(dataVolume)) }
}

/** Takes the owner references off the claims of a pool whose volumes stay. */
export async function keepVolumes(
  pool: SeiNodePool,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<void> {
  if (!isRetained(pool)) return
  const { client, stores } = dependencies
  const { genesis, data } = presentVolumes(pool, dependencies)
  const claims = [genesis, ...data].filter(claim => claim !== undefined)
  await Promise.all(claims.map(claim => disown(client, poolOwner(pool), claim, stores.volumes, signal)))
}

export function isRetained(pool: SeiNodePool): boolean {
  return pool.spec.storage?.retainOnDelete === true
}

interface AppliedVolume {
  readonly claim?: Readonly<PersistentVolumeClaim> | undefined
  /** A claim that is left alone. */
  readonly standing?: Readonly<PersistentVolumeClaim> | undefined
  readonly sizeRefusal?: string | undefined
  readonly problem?: ChildProblem | undefined
}

async function applyVolume(
  pool: SeiNodePool,
  name: string,
  build: (state: PoolVolumeState) => PersistentVolumeClaim,
  { client, stores }: PoolDependencies,
  signal: AbortSignal,
): Promise<AppliedVolume> {
  const owner = poolOwner(pool)
  const live = stores.volumes.get(`${pool.metadata.namespace}/${name}`)
  // Before anything that may be refused: what is to be kept must not have an owner.
  if (live && isRetained(pool)) await disown(client, owner, live, stores.volumes, signal)
  const child = {
    store: stores.volumes,
    classes: stores.storageClasses,
    name,
    build: (claim: Readonly<PersistentVolumeClaim> | undefined, resizing: Resizing) => build({ live: claim, resizing }),
  }
  const { state, sizeRefusal } = await applyClaim(client, owner, child, signal)
  const problem = problemOf(state)
  if (state.kind === 'foreign' || state.kind === 'terminating') return { standing: state.standing, problem }
  if (!state.object || !isRetained(pool)) return { claim: state.object, sizeRefusal, problem }
  return { claim: await disown(client, owner, state.object, stores.volumes, signal), sizeRefusal, problem }
}
