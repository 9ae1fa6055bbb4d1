/** One round for one SeiNodePool, from what is there to what its spec says: `reconcilePool`. Reads as a table of contents. */
import { MAX_RETRY_TOKEN } from '../../api/limits.ts'
import { RETRY_ANNOTATION } from '../../api/names.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { poolNames } from '../../build/pool/names.ts'
import { clip } from '../../lib/clip.ts'
import { poolPeers } from '../../plan/pool/peers.ts'
import type { Again } from '../shared/again.ts'
import { canGrow } from '../shared/volume.ts'
import { type Ceremony, knownCeremony, otherNetwork, performCeremony } from './ceremony.ts'
import type { PoolDependencies } from './dependencies.ts'
import { finalizePool } from './finalize.ts'
import { membersOf, type PoolMember } from './members.ts'
import type { PoolMemories, PoolMemory } from './memory.ts'
import { nextLook } from './next-look.ts'
import { type RolledNodes, rollNodes } from './nodes.ts'
import { pausedStatus } from './paused-status.ts'
import { applyPolicies } from './policies.ts'
import { type Preparation, prepareVolumes } from './preparation.ts'
import { reportPool } from './report.ts'
import type { PoolRound } from './round.ts'
import { removeFailedJobs } from './run-job.ts'
import { buildPoolStatus } from './status.ts'
import { type PoolSpecVerdict, validatePool } from './validate.ts'
import { applyVolumes, keepVolumes, type PoolVolumes, presentVolumes } from './volumes.ts'
import { poolWriter } from './write-pool.ts'

/** @returns when to look again; undefined where a change will tell */
export async function reconcilePool(
  key: string,
  memories: PoolMemories,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<Again | undefined> {
  const stored = dependencies.stores.pools.get(key)
  if (!stored || stored.metadata.deletionTimestamp !== undefined) memories.forget(key)
  if (!stored) return undefined
  if (stored.metadata.deletionTimestamp !== undefined) return finalizePool(stored, dependencies, signal)

  const pool = await poolWriter(dependencies).ensureFinalizer(stored, signal)
  if (pool.spec.paused) {
    await keepVolumes(pool, dependencies, signal)
    await reportPool(pool, pausedStatus(pool, dependencies.clock.now()), dependencies, signal)
    return undefined
  }
  const memory = memories.of(key, pool.metadata.uid ?? '')
  const round = await lookAndAct(pool, memory, dependencies, signal)
  await reportPool(pool, buildPoolStatus(round), dependencies, signal)
  return nextLook(round)
}

async function lookAndAct(
  pool: SeiNodePool,
  memory: PoolMemory,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<PoolRound> {
  const retryToken = retryTokenOf(pool)
  const isRetried = retryToken !== undefined && retryToken !== pool.status?.retryHandled
  const base = {
    pool,
    retryHandled: pool.status?.retryHandled,
    rollout: undefined,
    hasBlocks: false,
    isWatchingHeights: false,
  }
  const standing = membersOf(pool, undefined, dependencies)
  const now = (): number => dependencies.clock.now()
  if (isRetried) await removeFailedJobs(pool, dependencies, signal)

  const kept = presentVolumes(pool, dependencies)
  const refused = otherNetwork(pool, kept.genesis)
  if (refused) {
    const spec = judgeSpec(pool, kept, dependencies)
    return {
      ...base,
      spec,
      ceremony: refused,
      problem: undefined,
      preparations: undefined,
      members: standing,
      now: now(),
    }
  }
  const volumes = await applyVolumes(pool, dependencies, signal)
  const spec = judgeSpec(pool, volumes, dependencies)
  const ceremony = await ceremonyOf(pool, volumes, standing, isRetried, dependencies, signal)
  const problem = volumes.problem ?? ('problem' in ceremony ? ceremony.problem : undefined)
  const isOver = ceremony.kind === 'complete' || ceremony.kind === 'taken-over'
  // What the ceremony made is in status before anything is built on it.
  if (!isOver || (ceremony.kind === 'complete' && ceremony.isNew)) {
    // A retry of what failed after the ceremony is yet to be acted on.
    const handled = isOver ? {} : { retryHandled: retryToken }
    return { ...base, ...handled, spec, ceremony, problem, preparations: undefined, members: standing, now: now() }
  }
  const isTakenOver = ceremony.kind === 'taken-over'
  const preparations = await prepareVolumes(pool, volumes, isTakenOver, isRetried, dependencies, signal)
  const members = membersOf(pool, peersOf(pool, ceremony, dependencies), dependencies)
  if (!preparations.every(isSettled)) {
    const found = { spec, ceremony, problem: problem ?? problemIn(preparations), preparations, members }
    return { ...base, ...found, retryHandled: retryToken, now: now() }
  }
  const [policyProblem, rolled] = await Promise.all([
    applyPolicies(pool, dependencies, signal),
    rollNodes(pool, members, memory.heights, dependencies, signal),
  ])
  return {
    ...base,
    ...rolled,
    retryHandled: retryToken,
    spec,
    ceremony,
    problem: problem ?? policyProblem ?? rolled.problem,
    preparations,
    // As the writes of this round left them.
    members: membersOf(pool, peersOf(pool, ceremony, dependencies), dependencies),
    hasBlocks: hasBlocks(rolled, memory),
    now: now(),
  }
}

async function ceremonyOf(
  pool: SeiNodePool,
  volumes: PoolVolumes,
  standing: readonly PoolMember[],
  isRetried: boolean,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<Ceremony> {
  const known = knownCeremony(pool)
  if (known) return known
  const hasJob = dependencies.stores.jobs.get(`${pool.metadata.namespace}/${poolNames(pool).genesisJob}`) !== undefined
  if (pool.status?.genesis?.hash === undefined && !hasJob && standing.some(({ live }) => live !== undefined)) {
    return { kind: 'taken-over' }
  }
  const { problem } = volumes
  if (problem && problem.reason !== 'ApplyRefused') return { kind: 'blocked', message: problem.message, problem }
  return performCeremony(pool, volumes.genesis, isRetried, dependencies, signal)
}

function judgeSpec(
  pool: SeiNodePool,
  { genesis, data }: PoolVolumes,
  { stores, platform }: PoolDependencies,
): PoolSpecVerdict {
  const facts = {
    claims: [genesis, ...data],
    classExists: (name: string): boolean | 'unknown' =>
      stores.storageClasses.isReadable ? stores.storageClasses.get(name) !== undefined : 'unknown',
    canGrow: (claim: Parameters<typeof canGrow>[0]) => canGrow(claim, stores.storageClasses),
  }
  return validatePool(pool, facts, platform)
}

function peersOf(pool: SeiNodePool, ceremony: Ceremony, { platform }: PoolDependencies): readonly string[] | undefined {
  return ceremony.kind === 'complete' ? poolPeers(pool, ceremony.result.nodeIDs, platform.clusterDomain) : undefined
}

/** What is prepared is in status before a node is made on it. */
function isSettled(preparation: Preparation): boolean {
  return preparation.kind === 'prepared' && !preparation.isNew
}

function problemIn(preparations: readonly Preparation[]) {
  return preparations.flatMap(preparation => (preparation.kind === 'blocked' ? [preparation.problem] : []))[0]
}

function hasBlocks({ isWatchingHeights }: RolledNodes, { heights }: PoolMemory): boolean {
  return isWatchingHeights && heights.highest > 0
}

function retryTokenOf({ metadata, status }: SeiNodePool): string | undefined {
  const token = metadata.annotations?.[RETRY_ANNOTATION]
  return token === undefined ? status?.retryHandled : clip(token, MAX_RETRY_TOKEN)
}
