/** The status that a SeiNodePool should carry after a round: `buildPoolStatus`. Pure. */
import type { PoolNode, SeiNodePoolStatus } from '../../api/seinodepool-status.ts'
import type { Phase } from '../../api/status.ts'
import { mergeConditions } from '../../lib/conditions.ts'
import { judgePool } from './judge-pool.ts'
import type { PoolMember } from './members.ts'
import type { Preparation } from './preparation.ts'
import type { PoolRound } from './round.ts'

export function buildPoolStatus(round: PoolRound): SeiNodePoolStatus {
  const { pool, members, ceremony, hasBlocks, retryHandled } = round
  const { generation } = pool.metadata
  const now = new Date(round.now).toISOString()
  const firstBlockAt = pool.status?.firstBlockAt ?? (hasBlocks ? now : undefined)
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: phaseOf(round),
    conditions: mergeConditions(pool.status?.conditions ?? [], judgePool(round), generation, now),
    totalNodes: members.length,
    readyNodes: members.filter(({ state }) => state === 'ready').length,
    nodes: members.map(member => nodeOf(member, round)),
    ...(ceremony.kind === 'complete'
      ? { genesis: { hash: ceremony.result.genesisHash, ...(ceremony.at === '' ? {} : { completedAt: ceremony.at }) } }
      : {}),
    ...(firstBlockAt === undefined ? {} : { firstBlockAt }),
    ...(retryHandled === undefined ? {} : { retryHandled }),
  }
}

function nodeOf({ names, live, state }: PoolMember, { pool, ceremony, preparations }: PoolRound): PoolNode {
  const nodeId = ceremony.kind === 'complete' ? ceremony.result.nodeIDs[names.index] : undefined
  const phase = live?.status?.phase
  const preparation = preparations?.[names.index]
  const recorded = pool.status?.nodes?.find(({ name }) => name === names.node)?.dataVolumeUID
  const dataVolumeUID = onRecord(preparation, recorded)
  return {
    name: names.node,
    ...(phase === undefined ? {} : { phase }),
    ready: state === 'ready',
    ...(nodeId === undefined ? {} : { nodeId }),
    ...(dataVolumeUID === undefined ? {} : { dataVolumeUID }),
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
