/** A pool's claims: `applyVolumes`, `keepVolumes`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { type NodeNames, poolNames } from '../../build/pool/names.ts'
import { buildGenesisVolume, buildPoolDataVolume, type PoolVolumeState } from '../../build/pool/volume.ts'
import { persistentVolumeClaims } from '../../kube/resources.ts'
import { applyChild } from '../shared/apply-child.ts'
import { type ChildProblem, problemOf } from '../shared/child-problem.ts'
import { isTerminating } from '../shared/deletion.ts'
import { isOwn } from '../shared/ownership.ts'
import { canGrow, disown } from '../shared/volume.ts'
import type { PoolDependencies } from './dependencies.ts'
import { poolOwner } from './owner.ts'

export interface PoolVolumes {
  readonly genesis?: Readonly<PersistentVolumeClaim> | undefined
  /** By node, from 0 on. One that is being deleted is told by its `deletionTimestamp`. */
  readonly data: readonly (Readonly<PersistentVolumeClaim> | undefined)[]
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
  const problem = [genesis, ...data].find(volume => volume?.problem !== undefined)?.problem
  return {
    genesis: genesis?.claim,
    data: data.map(({ claim }, index) => claim ?? leaving(present.data[index])),
    problem,
  }
}

function leaving(claim: Readonly<PersistentVolumeClaim> | undefined): Readonly<PersistentVolumeClaim> | undefined {
  return claim && isTerminating(claim) ? claim : undefined
}

/** The claims as they stand, for a pool that nothing is to be changed for. */
export function presentVolumes(pool: SeiNodePool, { stores }: Pick<PoolDependencies, 'stores'>): PoolVolumes {
  const owner = poolOwner(pool)
  const { genesisVolume, nodes } = poolNames(pool)
  const find = (name: string): Readonly<PersistentVolumeClaim> | undefined => {
    const claim = stores.volumes.get(`${pool.metadata.namespace}/${name}`)
    return claim && isOwn(claim, owner) ? claim : undefined
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
    resource: persistentVolumeClaims,
    store: stores.volumes,
    name,
    build: (claim: Readonly<PersistentVolumeClaim> | undefined) =>
      build({ live: claim, canGrow: canGrow(claim, stores.storageClasses) }),
  }
  const state = await applyChild(client, owner, child, signal)
  const claim = 'object' in state ? state.object : undefined
  if (!claim || !isRetained(pool)) return { claim, problem: problemOf(state) }
  return { claim: await disown(client, owner, claim, stores.volumes, signal), problem: problemOf(state) }
}
