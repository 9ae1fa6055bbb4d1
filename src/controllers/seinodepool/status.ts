/** The status that a SeiNodePool should carry after a round: `buildPoolStatus`. Pure. */
import type { PoolNode, SeiNodePoolStatus } from '../../api/seinodepool-status.ts'
import type { Phase } from '../../api/status.ts'
import { mergeConditions } from '../../lib/conditions.ts'
import { judgePool } from './conditions/pool-conditions.ts'
import type { PoolMember } from './nodes/members.ts'
import type { Preparation } from './jobs/preparation.ts'
import type { PoolRound } from './observation.ts'

export function buildPoolStatus(round: PoolRound): SeiNodePoolStatus {
  const { pool, members, heights, retryHandled } = round
  const { generation } = pool.metadata
  const now = new Date(round.now).toISOString()
  const firstBlockAt = pool.status?.firstBlockAt ?? (heights.hasBlocks ? now : undefined)
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: phaseOf(round),
    conditions: mergeConditions(pool.status?.conditions ?? [], judgePool(round), generation, now),
    totalNodes: members.length,
    readyNodes: countReady(members),
    nodes: members.map(member => nodeOf(member, round)),
    ...genesisOf(round),
    ...rolloutOf(round),
    ...(firstBlockAt === undefined ? {} : { firstBlockAt }),
    ...(retryHandled === undefined ? {} : { retryHandled }),
  }
}

function rolloutOf({ pool, spec, rollout, now }: PoolRound): Pick<SeiNodePoolStatus, 'rollout'> {
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
function genesisOf(round: PoolRound): Pick<SeiNodePoolStatus, 'genesis'> {
  const { pool, ceremony, genesisVolume } = round
  const { genesis: stored } = pool.status ?? {}
  if (ceremony.kind !== 'complete') return stored ? { genesis: stored } : {}
  const { at, result } = ceremony
  const isUsable = genesisVolume !== undefined && (genesisVolume.isOwn || isAllPrepared(round))
  const volumeUID = stored?.volumeUID ?? (isUsable ? genesisVolume.uid : undefined)
  return {
    genesis: {
      hash: result.genesisHash,
      ...(at === '' ? {} : { completedAt: at }),
      ...(volumeUID === undefined ? {} : { volumeUID }),
    },
  }
}

function isAllPrepared({ preparations }: PoolRound): boolean {
  return preparations?.every(({ kind }) => kind === 'prepared') === true
}

/**
 * What an earlier pool left behind goes on record, and becomes the pool's own, when all of it is found to be of its
 * network: a pool that is refused one volume leaves the others as they are too.
 */
function isAdoptable(round: PoolRound, preparation: Preparation | undefined): boolean {
  if (preparation?.kind !== 'prepared' || !preparation.isNew) return true
  const isAllOwn = round.genesisVolume?.isOwn !== false && preparation.isKept !== true
  return isAllOwn || isAllPrepared(round)
}

function nodeOf(member: PoolMember, round: PoolRound): PoolNode {
  const { pool, ceremony, preparations } = round
  const { names } = member
  const stored = pool.status?.nodes?.find(({ name }) => name === names.node)
  const nodeId = ceremony.kind === 'complete' ? ceremony.result.nodeIDs[names.index] : stored?.nodeId
  const preparation = preparations?.[names.index]
  const isNew = preparation?.kind === 'prepared' && isAdoptable(round, preparation)
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
function phaseOf({ ceremony, preparations, members, pool }: PoolRound): Phase {
  if (ceremony.kind === 'failed' || ceremony.kind === 'other-network') return 'Failed'
  if (preparations?.some(({ kind }) => kind === 'failed' || kind === 'other-genesis' || kind === 'replaced')) {
    return 'Failed'
  }
  if (ceremony.kind === 'waiting' || ceremony.kind === 'blocked') return 'Pending'
  const run = members.every(({ live }) => live?.status?.phase === 'Running')
  const ranBefore = pool.status?.phase === 'Running' && members.every(({ live }) => live !== undefined)
  return run || ranBefore ? 'Running' : 'Initializing'
}
