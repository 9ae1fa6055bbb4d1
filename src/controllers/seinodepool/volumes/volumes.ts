/** A pool's claims: `applyVolumes`, `keepVolumes`, `rescueRestored`, `removeVolumes`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import type { Resizing } from '../../../build/claim-spec.ts'
import { type NodeNames, poolNames } from '../../../build/pool/names.ts'
import { buildGenesisVolume, buildPoolDataVolume, type PoolVolumeState } from '../../../build/pool/volume.ts'
import { persistentVolumeClaims } from '../../../kube/resources.ts'
import { type ChildProblem, problemOf } from '../../shared/children/apply-child.ts'
import { deleteObject, isTerminating } from '../../shared/deletion.ts'
import { isOwn } from '../../shared/children/ownership.ts'
import { applyClaim, disown, disownRestored } from '../../shared/claims/claims.ts'
import { claimOwner, genesisStanding, preparedUID, recordedVolumes, type Standing, standingOf } from './claims.ts'
import type { PoolDependencies } from '../dependencies.ts'
import { dueGrowth } from './growth.ts'
import { poolOwner } from '../owner.ts'

type Claim = Readonly<PersistentVolumeClaim>

export interface PoolVolumes {
  readonly genesis?: Claim | undefined
  /** By node, from 0 on: also one that is being deleted, and one that was prepared and belongs to something else by now. */
  readonly data: readonly (Claim | undefined)[]
  /** The API server's words, where it refuses the size that the spec asks for, by name of the claim. */
  readonly sizeRefusals?: ReadonlyMap<string, string>
  /** The size that a claim was to grow to in this reconcile, by name of the claim. */
  readonly growsTo?: ReadonlyMap<string, string>
  /** The first claim that is not as it should be, and why. */
  readonly problem?: ChildProblem | undefined
}

/**
 * Changes the pool's own claims, and leaves all that it finds beside them as they are.
 * @param mayCreate false for a node whose claim is not to be made where there is none
 */
export async function applyVolumes(
  pool: SeiNodePool,
  mayCreate: (names: NodeNames) => boolean,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<PoolVolumes> {
  const { platform, stores } = dependencies
  const { genesisVolume, nodes } = poolNames(pool)
  const present = presentVolumes(pool, dependencies)
  const recorded = recordedVolumes(pool, present.genesis, stores)
  const [genesis, ...data] = await Promise.all([
    applyVolume(
      pool,
      {
        name: genesisVolume,
        found: present.genesis,
        standing: present.genesis ? genesisStanding(pool, present.genesis) : 'own',
        build: state =>
          buildGenesisVolume(pool, platform, {
            ...state,
            replaces: present.genesis ? undefined : pool.status?.genesis?.volumeUID,
          }),
      },
      dependencies,
      signal,
    ),
    ...nodes.map(async (names): Promise<AppliedVolume> => {
      const { index, node, dataVolume } = names
      const record = recorded[index]
      const found = present.data[index] ?? (await unlabelled(pool, dataVolume, record, dependencies, signal))
      if (!found && !mayCreate(names)) return {}
      const standing = found ? standingOf(pool, found, record, preparedUID(pool, node)) : 'own'
      const growth = dueGrowth(pool, names, found, dependencies)
      const build = (state: PoolVolumeState): PersistentVolumeClaim =>
        // One that is found and gone a moment later was not given up by anybody.
        buildPoolDataVolume(pool, names, platform, { ...state, growth, replaces: found ? undefined : record })
      const wanted = { name: dataVolume, found, standing, build, growsTo: growth?.to }
      return applyVolume(pool, wanted, dependencies, signal)
    }),
  ])
  const applied = [genesis, ...data]
  return {
    genesis: genesis?.claim,
    data: data.map(({ claim, standing }) => claim ?? (standing && isInUse(pool, standing) ? standing : undefined)),
    // Of a prepared claim that belongs to something else the condition NodesPrepared tells.
    problem: applied.find(({ problem, standing }) => problem && !(standing && isPrepared(pool, standing)))?.problem,
    sizeRefusals: new Map(applied.flatMap(({ claim, sizeRefusal }) => ofClaim(claim, sizeRefusal))),
    growsTo: new Map(applied.flatMap(({ claim, growsTo }) => ofClaim(claim, growsTo))),
  }
}

/** There, though it may not be changed: the pool's own that is being deleted, or one that is on record as prepared. */
function isInUse(pool: SeiNodePool, claim: Claim): boolean {
  return isPrepared(pool, claim) || (isTerminating(claim) && isOwn(claim, poolOwner(pool)))
}

function isPrepared({ status }: SeiNodePool, { metadata }: Claim): boolean {
  return (
    status?.nodes?.some(({ dataVolumeUID }) => dataVolumeUID !== undefined && dataVolumeUID === metadata?.uid) === true
  )
}

function ofClaim(claim: Claim | undefined, text: string | undefined): readonly (readonly [string, string])[] {
  return claim && text !== undefined ? [[claim.metadata?.name ?? '', text]] : []
}

/** The caches select by label, which somebody may have taken away: what is on record is not gone for that. */
async function unlabelled(
  { metadata: { namespace = '' } }: SeiNodePool,
  name: string,
  recorded: string | undefined,
  { client }: PoolDependencies,
  signal: AbortSignal,
): Promise<Claim | undefined> {
  if (recorded === undefined) return undefined
  return client.get(persistentVolumeClaims, { namespace, name }, { signal })
}

/** The claims as they stand, for a pool that nothing is to be changed for: its own, and those of an earlier one of its name. */
export function presentVolumes(pool: SeiNodePool, { stores }: Pick<PoolDependencies, 'stores'>): PoolVolumes {
  const owner = poolOwner(pool)
  const { genesisVolume, nodes } = poolNames(pool)
  const find = (name: string): Claim | undefined => {
    const claim = stores.volumes.get(`${pool.metadata.namespace}/${name}`)
    return claim && (isOwn(claim, owner) || isPrepared(pool, claim)) ? claim : undefined
  }
  return { genesis: find(genesisVolume), data: nodes.map(({ dataVolume }) => find(dataVolume)) }
}

/** Takes the owner off claims that were restored with references to the pool of the backup, or the garbage collector deletes them. */
export async function rescueRestored(
  pool: SeiNodePool,
  { client, stores }: PoolDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { genesisVolume, nodes } = poolNames(pool)
  const names = [genesisVolume, ...nodes.map(({ dataVolume }) => dataVolume)]
  const claims = names.flatMap(name => stores.volumes.get(`${pool.metadata.namespace}/${name}`) ?? [])
  await Promise.all(
    claims.map(claim => disownRestored(client, claimOwner(pool, undefined), claim, stores.volumes, signal)),
  )
}

/** Takes the owner references off the claims of a pool whose volumes stay. */
export async function keepVolumes(
  pool: SeiNodePool,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<void> {
  if (!isRetained(pool)) return
  const { genesis, data } = presentVolumes(pool, dependencies)
  await setFree(pool, [genesis, ...data], dependencies, signal)
}

/**
 * Deletes what is the pool's own. All else stays, also where a restored claim names the pool as its owner: the garbage
 * collector is not to take it.
 * @param inUse names of claims that have to wait
 */
export async function removeVolumes(
  pool: SeiNodePool,
  inUse: ReadonlySet<string>,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { genesis, data } = presentVolumes(pool, dependencies)
  const { nodes } = poolNames(pool)
  const isDeletable = (claim: Claim, prepared: string | undefined): boolean =>
    standingOf(pool, claim, prepared, prepared) === 'own'
  const claims = [
    ...(genesis ? [{ claim: genesis, isOurs: genesisStanding(pool, genesis) === 'own' }] : []),
    ...nodes.flatMap(({ index, node }) => {
      const claim = data[index]
      return claim ? [{ claim, isOurs: isDeletable(claim, preparedUID(pool, node)) }] : []
    }),
  ].filter(({ claim }) => !isTerminating(claim) && !inUse.has(claim.metadata?.name ?? ''))
  const others = claims.filter(({ isOurs }) => !isOurs).map(({ claim }) => claim)
  await setFree(pool, others, dependencies, signal)
  await Promise.all(
    claims
      .filter(({ isOurs }) => isOurs)
      .map(({ claim }) => deleteObject(dependencies.client, persistentVolumeClaims, claim, signal)),
  )
}

async function setFree(
  pool: SeiNodePool,
  claims: readonly (Claim | undefined)[],
  { client, stores }: PoolDependencies,
  signal: AbortSignal,
): Promise<void> {
  const present = claims.filter(claim => claim !== undefined)
  await Promise.all(present.map(claim => disown(client, pool.metadata.uid, claim, stores.volumes, signal)))
}

export function isRetained(pool: SeiNodePool): boolean {
  return pool.spec.storage?.retainOnDelete === true
}

interface AppliedVolume {
  readonly claim?: Claim | undefined
  /** A claim that is left alone. */
  readonly standing?: Claim | undefined
  readonly sizeRefusal?: string | undefined
  readonly growsTo?: string | undefined
  readonly problem?: ChildProblem | undefined
}

interface WantedVolume {
  readonly name: string
  readonly found: Claim | undefined
  readonly standing: Standing
  readonly build: (state: PoolVolumeState) => PersistentVolumeClaim
  readonly growsTo?: string | undefined
}

async function applyVolume(
  pool: SeiNodePool,
  { name, found, standing, build, growsTo }: WantedVolume,
  { client, stores, verified, clock }: PoolDependencies,
  signal: AbortSignal,
): Promise<AppliedVolume> {
  if (found && (standing === 'kept' || standing === 'replaced')) return { claim: found }
  const owner = claimOwner(pool, standing === 'own' ? found : undefined)
  // Before anything that may be refused: what is to be kept must not have an owner.
  if (found && isRetained(pool)) await disown(client, owner.metadata.uid, found, stores.volumes, signal)
  const child = {
    store: stores.volumes,
    classes: stores.storageClasses,
    name,
    verified,
    clock,
    build: (claim: Claim | undefined, resizing: Resizing) => build({ live: claim, resizing }),
  }
  const { state, sizeRefusal } = await applyClaim(client, owner, child, signal)
  const problem = problemOf(state)
  if (state.kind === 'foreign' || state.kind === 'terminating') return { standing: state.standing, problem }
  const { object } = state
  if (!object || !isRetained(pool)) return { claim: object, sizeRefusal, growsTo, problem }
  const claim = await disown(client, owner.metadata.uid, object, stores.volumes, signal)
  return { claim, sizeRefusal, growsTo, problem }
}
