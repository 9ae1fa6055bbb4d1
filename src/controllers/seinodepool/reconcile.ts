/** One reconcile of one SeiNodePool, from what is there to what its spec says: `reconcilePool`. Reads as a table of contents. */
import { MAX_RETRY_TOKEN } from '../../api/limits.ts'
import { RETRY_ANNOTATION } from '../../api/names.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { isApplied } from '../../build/applied-hash.ts'
import { type NodeNames, poolNames } from '../../build/pool/names.ts'
import { ceremonyMarks } from '../../build/pool/volume.ts'
import { clip } from '../../lib/clip.ts'
import { poolPeers } from '../../plan/pool/peers.ts'
import type { Requeue } from '../shared/requeue.ts'
import type { ChildProblem } from '../shared/children/apply-child.ts'
import type { LocalStates } from '../shared/local-state.ts'
import { rewrittenMessage, type VerifiedChildren } from '../shared/children/verified-children.ts'
import { canGrow } from '../shared/claims/claims.ts'
import { type Ceremony, knownCeremony, performCeremony } from './jobs/ceremony.ts'
import { genesisStanding, recordedVolumes } from './volumes/claims.ts'
import { handOnConsent } from './volumes/consent.ts'
import type { PoolDependencies } from './dependencies.ts'
import { finalizePool } from './finalize.ts'
import { otherNetwork } from './volumes/kept-network.ts'
import { membersOf, type PoolMember, recallNodes } from './nodes/members.ts'
import { nextRequeue } from './requeue.ts'
import { rollNodes } from './nodes/roll-nodes.ts'
import { NO_CHAIN } from './observation.ts'
import { poolWriter } from './owner.ts'
import { pausedStatus } from './conditions/paused-status.ts'
import { applyPolicies } from './policies.ts'
import { mayCreateVolume, type Preparation, prepareVolumes, type Terms } from './jobs/preparation.ts'
import type { PoolObservation } from './observation.ts'
import { removeFailedJobs } from './jobs/run-job.ts'
import { buildPoolStatus, reportPool } from './status.ts'
import { type PoolSpecEvaluation, validatePool } from './validate.ts'
import { observeGrowth } from './volumes/growth.ts'
import { applyVolumes, keepVolumes, type PoolVolumes, presentVolumes, rescueRestored } from './volumes/volumes.ts'

/** @returns when to reconcile again; undefined if a watch event triggers the next reconcile */
export async function reconcilePool(
  key: string,
  localStates: LocalStates<VerifiedChildren>,
  shared: Omit<PoolDependencies, 'verified'>,
  signal: AbortSignal,
): Promise<Requeue | undefined> {
  const stored = shared.stores.pools.get(key)
  if (!stored) {
    localStates.forget(key)
    return undefined
  }
  const dependencies = { ...shared, verified: localStates.of(key, stored.metadata.uid ?? '') }
  if (stored.metadata.deletionTimestamp !== undefined) return finalizePool(stored, dependencies, signal)

  const pool = await poolWriter(dependencies).ensureFinalizer(stored, signal)
  await rescueRestored(pool, dependencies, signal)
  if (pool.spec.paused) {
    await keepVolumes(pool, dependencies, signal)
    const status = pausedStatus(pool, membersOf(pool, undefined, dependencies), dependencies.clock.now())
    await reportPool(pool, status, {}, dependencies, signal)
    return undefined
  }
  const found = await syncPool(pool, dependencies, signal)
  const observation: PoolObservation = { ...found, rewritten: rewrittenMessage(dependencies.verified.rewritten) }
  const news = { rollout: observation.rollout, kept: keptClaims(observation) }
  await reportPool(pool, buildPoolStatus(observation), news, dependencies, signal)
  return nextRequeue(observation)
}

async function syncPool(
  pool: SeiNodePool,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<PoolObservation> {
  const retryToken = retryTokenOf(pool)
  const isRetried = retryToken !== undefined && retryToken !== pool.status?.retryHandled
  if (isRetried) await removeFailedJobs(pool, dependencies, signal)
  const standing = membersOf(pool, undefined, dependencies)
  const known = knownCeremony(pool)
  const present = presentVolumes(pool, dependencies)
  const refused = known ? undefined : otherNetwork(pool, present)
  if (refused !== undefined) {
    return observationOf(pool, present, { kind: 'other-network', message: refused }, standing, dependencies)
  }
  const terms = {
    isRetried,
    isTakenOver: !known && isTakenOver(pool, present, standing, dependencies),
    recorded: recordedVolumes(pool, present.genesis, dependencies.stores),
  }
  const mayCreate = (names: NodeNames): boolean => mayCreateVolume(pool, names, terms, dependencies.stores)
  const volumes = await applyVolumes(pool, mayCreate, dependencies, signal)
  const ceremony = known ?? (await ceremonyOf(pool, volumes, terms, dependencies, signal))
  const observation = observationOf(pool, volumes, ceremony, standing, dependencies)
  // What the ceremony made is in status before anything is built on it; a retry of what comes after is acted on then.
  if (ceremony.kind === 'complete' && ceremony.isNew) return observation
  if (ceremony.kind !== 'complete' && ceremony.kind !== 'taken-over')
    return { ...observation, retryHandled: retryToken }

  const genesisHash = ceremony.kind === 'complete' ? ceremony.result.genesisHash : undefined
  const preparations = await prepareVolumes(pool, volumes, terms, genesisHash, dependencies, signal)
  const peers = ceremony.kind === 'complete' ? peersOf(pool, ceremony, dependencies) : undefined
  const members = await recallNodes(pool, peers, dependencies, signal)
  const prepared = { ...observation, preparations, members, retryHandled: retryToken }
  const isBlocked = (index: number): boolean => !isRecorded(preparations[index])
  const isBorn = members.some(({ live }) => live !== undefined)
  if (!isBorn && members.some(({ names }) => isBlocked(names.index))) {
    return { ...prepared, problem: observation.problem ?? problemIn(preparations) }
  }
  await handOnConsent(
    pool,
    members.filter(({ names }) => !isBlocked(names.index)),
    volumes,
    dependencies,
    signal,
  )
  const [policyProblem, rolled] = await Promise.all([
    applyPolicies(pool, members, dependencies, signal),
    rollNodes(pool, members, isBlocked, dependencies, signal),
  ])
  const problem = observation.problem ?? problemIn(preparations) ?? policyProblem ?? rolled.problem
  // As the writes of this reconcile left them.
  return { ...prepared, ...rolled, problem, members: membersOf(pool, peers, dependencies) }
}

/** What the pool found of an earlier one of its name: UIDs and names. */
function keptClaims({ pool, preparations = [], genesisVolume }: PoolObservation): ReadonlyMap<string, string> {
  const { genesisVolume: genesis, nodes } = poolNames(pool)
  const data = nodes.flatMap(({ index, dataVolume }): readonly (readonly [string, string])[] => {
    const preparation = preparations[index]
    return preparation?.kind === 'prepared' && preparation.isKept === true ? [[preparation.volumeUID, dataVolume]] : []
  })
  return new Map(genesisVolume?.isOwn === false ? [[genesisVolume.uid, genesis], ...data] : data)
}

/** What is known once the ceremony has been looked at. */
function observationOf(
  pool: SeiNodePool,
  volumes: PoolVolumes,
  ceremony: Ceremony,
  members: readonly PoolMember[],
  dependencies: PoolDependencies,
): PoolObservation {
  return {
    pool,
    spec: evaluateSpec(pool, volumes, dependencies),
    problem: volumes.problem ?? ('problem' in ceremony ? ceremony.problem : undefined),
    ceremony,
    genesisVolume: genesisVolumeOf(pool, volumes),
    preparations: undefined,
    members,
    pendingClaims: [volumes.genesis, ...volumes.data].flatMap(claim =>
      claim?.status?.phase === 'Pending' ? [claim] : [],
    ),
    growth: observeGrowth(pool, volumes, dependencies),
    rollout: undefined,
    chain: NO_CHAIN,
    retryHandled: pool.status?.retryHandled,
    now: dependencies.clock.now(),
  }
}

function genesisVolumeOf(pool: SeiNodePool, { genesis }: PoolVolumes): PoolObservation['genesisVolume'] {
  const uid = genesis?.metadata?.uid
  return genesis && uid !== undefined ? { uid, isOwn: genesisStanding(pool, genesis) === 'own' } : undefined
}

async function ceremonyOf(
  pool: SeiNodePool,
  volumes: PoolVolumes,
  { isTakenOver: takenOver, isRetried }: Terms,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<Ceremony> {
  if (takenOver) return { kind: 'taken-over' }
  const { problem } = volumes
  if (problem && problem.reason !== 'ApplyRefused') return { kind: 'blocked', message: problem.message, problem }
  return performCeremony(pool, volumes.genesis, isRetried, dependencies, signal)
}

/**
 * Nodes that stand before any ceremony of this operator is under way were made by an earlier one. Volumes are on record only
 * after a ceremony: one without a result on record was not this operator's. A genesis volume with marks is: the pool was
 * restored without its status.
 */
function isTakenOver(
  pool: SeiNodePool,
  present: PoolVolumes,
  standing: readonly PoolMember[],
  { stores }: Pick<PoolDependencies, 'stores'>,
): boolean {
  const { genesis, nodes } = pool.status ?? {}
  if (genesis?.hash !== undefined || ceremonyMarks(present.genesis).genesis !== undefined) return false
  if (nodes?.some(({ dataVolumeUID }) => dataVolumeUID !== undefined)) return true
  const job = stores.jobs.get(`${pool.metadata.namespace}/${poolNames(pool).genesisJob}`)
  return !(job && isApplied(job)) && standing.some(({ live }) => live !== undefined)
}

function evaluateSpec(
  pool: SeiNodePool,
  { genesis, data, sizeRefusals, growsTo }: PoolVolumes,
  { stores, platform }: PoolDependencies,
): PoolSpecEvaluation {
  const facts = {
    claims: [genesis, ...data],
    sizeRefusals,
    growsTo,
    classExists: (name: string): boolean | 'unknown' =>
      stores.storageClasses.isReadable ? stores.storageClasses.get(name) !== undefined : 'unknown',
    canGrow: (claim: Parameters<typeof canGrow>[0]) => canGrow(claim, stores.storageClasses),
  }
  return validatePool(pool, facts, platform)
}

function peersOf(
  pool: SeiNodePool,
  { result }: Extract<Ceremony, { kind: 'complete' }>,
  { platform }: PoolDependencies,
): readonly string[] {
  return poolPeers(pool, result.nodeIDs, platform.clusterDomain)
}

/** What is prepared is in status before a node is made on it. */
function isRecorded(preparation: Preparation | undefined): boolean {
  return preparation?.kind === 'foreign' || (preparation?.kind === 'prepared' && !preparation.isNew)
}

function problemIn(preparations: readonly Preparation[]): ChildProblem | undefined {
  return preparations.flatMap(preparation => (preparation.kind === 'blocked' ? [preparation.problem] : []))[0]
}

function retryTokenOf({ metadata, status }: SeiNodePool): string | undefined {
  const token = metadata.annotations?.[RETRY_ANNOTATION]
  return token === undefined ? status?.retryHandled : clip(token, MAX_RETRY_TOKEN)
}
