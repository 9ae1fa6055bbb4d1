/** The status that a SeiNodePool should carry after a round: `buildPoolStatus`. Pure. */
import type { PoolNode, SeiNodePoolStatus } from '../../api/seinodepool-status.ts'
import type { Phase } from '../../api/status.ts'
import { mergeConditions } from '../../lib/conditions.ts'
import { judgePool } from './judge-pool.ts'
import type { PoolMember } from './members.ts'
import type { Preparation } from './preparation.ts'
import type { PoolRound } from './round.ts'

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

function rolloutOf({ pool, rollout, now }: PoolRound): Pick<SeiNodePoolStatus, 'rollout'> {
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
function genesisOf({ pool, ceremony }: PoolRound): Pick<SeiNodePoolStatus, 'genesis'> {
  if (ceremony.kind !== 'complete') return pool.status?.genesis ? { genesis: pool.status.genesis } : {}
  const { at, result } = ceremony
  return { genesis: { hash: result.genesisHash, ...(at === '' ? {} : { completedAt: at }) } }
}

function nodeOf(member: PoolMember, { pool, ceremony, preparations }: PoolRound): PoolNode {
  const { names } = member
  const stored = pool.status?.nodes?.find(({ name }) => name === names.node)
  const nodeId = ceremony.kind === 'complete' ? ceremony.result.nodeIDs[names.index] : stored?.nodeId
  const preparation = preparations?.[names.index]
  const dataVolumeUID = onRecord(preparation, stored?.dataVolumeUID)
  const replacedBy = preparation?.kind === 'replaced' ? preparation.by : undefined
  return {
    ...poolNode(member),
    ...(nodeId === undefined ? {} : { nodeId }),
    ...(dataVolumeUID === undefined ? {} : { dataVolumeUID }),
    ...(replacedBy === undefined ? {} : { replacedBy }),
  }
}

/**
 * What was prepared stays on record, whatever stands there now. A Job runs for a volume only where none is on record, or
 * where the user gave that one up.
 */
function onRecord(preparation: Preparation | undefined, recorded: string | undefined): string | undefined {
  switch (preparation?.kind) {
    case 'prepared':
      return preparation.volumeUID
    case undefined:
    case 'waiting':
    case 'leaving':
    case 'lost':
    case 'foreign':
    case 'replaced':
      return recorded
    case 'running':
    case 'stuck':
    case 'failed':
    case 'other-genesis':
    case 'blocked':
      return undefined
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
