/** The status of a SeiNodePool, from what a reconcile observed: `buildPoolStatus`; its write, with the events of the change: `reportPool`. */
import { mergedConditions } from '../shared/conditions.ts'
import type { PoolNode, SeiNodePoolStatus } from '../../api/seinodepool-status.ts'
import type { Phase } from '../../api/status.ts'
import { haltedNetwork } from './conditions/halted-network.ts'
import { poolConditions } from './conditions/pool-conditions.ts'
import type { PoolMember } from './nodes/members.ts'
import type { Preparation } from './jobs/preparation.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { PoolDependencies } from './dependencies.ts'
import { poolEvents, type PoolNews } from './events.ts'
import type { PoolObservation } from './observation.ts'
import { poolWriter } from './owner.ts'

export function buildPoolStatus(observation: PoolObservation): SeiNodePoolStatus {
  const { pool, members, chain, retryHandled } = observation
  const { generation } = pool.metadata
  const now = new Date(observation.now).toISOString()
  const firstBlockAt = pool.status?.firstBlockAt ?? (chain.hasBlocks ? now : undefined)
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: phaseOf(observation),
    conditions: mergedConditions(pool.status?.conditions, poolConditions(observation), generation, now),
    totalNodes: members.length,
    readyNodes: countReady(members),
    nodes: members.map(member => nodeOf(member, observation)),
    ...genesisOf(observation),
    ...rolloutOf(observation),
    ...(firstBlockAt === undefined ? {} : { firstBlockAt }),
    ...(retryHandled === undefined ? {} : { retryHandled }),
  }
}

function rolloutOf({ pool, spec, rollout, now }: PoolObservation): Pick<SeiNodePoolStatus, 'rollout'> {
  // A reconcile that failed found out nothing of it.
  if (spec.reason === 'CheckFailed' && pool.status?.rollout) return { rollout: pool.status.rollout }
  if (!rollout) return {}
  const [node = rollout.waitsFor?.names.node] = rollout.changed
  const revision = rollout.waitsFor?.live?.status?.rollout?.revision
  const stored = pool.status?.rollout
  const since = stored && stored.node === node ? stored.since : new Date(now).toISOString()
  return {
    rollout: {
      ...(revision === undefined ? {} : { revision }),
      ...(node === undefined ? {} : { node }),
      since,
    },
  }
}

export function countReady(members: readonly PoolMember[]): number {
  return members.filter(({ state }) => state === 'ready').length
}

/** What the SeiNode itself says. */
export function poolNode({ names, live, state }: PoolMember): PoolNode {
  const phase = live?.status?.phase
  return { name: names.node, ...(phase === undefined ? {} : { phase }), ready: state === 'ready' }
}

/** What is known of it stays known. */
function genesisOf(observation: PoolObservation): Pick<SeiNodePoolStatus, 'genesis'> {
  const { pool, ceremony, genesisVolume } = observation
  const { genesis: stored } = pool.status ?? {}
  if (ceremony.kind !== 'complete') return stored ? { genesis: stored } : {}
  const { at, result } = ceremony
  const isUsable = genesisVolume !== undefined && (genesisVolume.isOwn || isAllPrepared(observation))
  const volumeUID = stored?.volumeUID ?? (isUsable ? genesisVolume.uid : undefined)
  return {
    genesis: {
      hash: result.genesisHash,
      ...(at === '' ? {} : { completedAt: at }),
      ...(volumeUID === undefined ? {} : { volumeUID }),
    },
  }
}

function isAllPrepared({ preparations }: PoolObservation): boolean {
  return preparations?.every(({ kind }) => kind === 'prepared') === true
}

/**
 * What an earlier pool left behind goes on record, and becomes the pool's own, when all of it is found to be of its
 * network: a pool that is refused one volume leaves the others as they are too.
 */
function isAdoptable(observation: PoolObservation, preparation: Preparation | undefined): boolean {
  if (preparation?.kind !== 'prepared' || !preparation.isNew) return true
  const isAllOwn = observation.genesisVolume?.isOwn !== false && preparation.isKept !== true
  return isAllOwn || isAllPrepared(observation)
}

function nodeOf(member: PoolMember, observation: PoolObservation): PoolNode {
  const { pool, ceremony, preparations } = observation
  const { names } = member
  const stored = pool.status?.nodes?.find(({ name }) => name === names.node)
  const nodeId = ceremony.kind === 'complete' ? ceremony.result.nodeIDs[names.index] : stored?.nodeId
  const preparation = preparations?.[names.index]
  const isNew = preparation?.kind === 'prepared' && isAdoptable(observation, preparation)
  const dataVolumeUID = isNew ? preparation.volumeUID : stored?.dataVolumeUID
  const replacedBy = preparation?.kind === 'replaced' ? preparation.by : undefined
  return {
    ...poolNode(member),
    ...(nodeId === undefined ? {} : { nodeId }),
    ...(dataVolumeUID === undefined ? {} : { dataVolumeUID }),
    ...(replacedBy === undefined ? {} : { replacedBy }),
  }
}

/** Running means: every node was made, and has got to Running once. */
function phaseOf({ ceremony, preparations, members, pool }: PoolObservation): Phase {
  if (ceremony.kind === 'failed' || ceremony.kind === 'other-network') return 'Failed'
  if (preparations?.some(({ kind }) => kind === 'failed' || kind === 'other-genesis' || kind === 'replaced')) {
    return 'Failed'
  }
  if (ceremony.kind === 'waiting' || ceremony.kind === 'blocked') return 'Pending'
  if (haltedNetwork(members) !== undefined) return 'Halted'
  const run = members.every(({ live }) => live?.status?.phase === 'Running')
  const { phase } = pool.status ?? {}
  const ranBefore = (phase === 'Running' || phase === 'Halted') && members.every(({ live }) => live !== undefined)
  return run || ranBefore ? 'Running' : 'Initializing'
}

/** Writes `status`, then the events of the change. */
export async function reportPool(
  pool: Readonly<SeiNodePool>,
  status: SeiNodePoolStatus,
  news: PoolNews,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<void> {
  const newsOf = (before: SeiNodePoolStatus | undefined, after: SeiNodePoolStatus) => poolEvents(before, after, news)
  await poolWriter(dependencies).report(pool, status, { events: dependencies.events, news: newsOf }, signal)
}
