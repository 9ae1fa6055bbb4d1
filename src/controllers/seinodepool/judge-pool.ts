/** The conditions of a SeiNodePool, each judged from one round's findings: `judgePool`. Pure; checks are in order of weight. */
import { POOL_REASONS, type PoolConditionType, type PoolReason } from '../../api/conditions.ts'
import type { Verdict } from '../../lib/conditions.ts'
import { verdictIn } from '../shared/verdict.ts'
import type { Ceremony } from './ceremony.ts'
import { judgeProgress } from './judge-progress.ts'
import type { PoolMember } from './members.ts'
import type { Preparation } from './preparation.ts'
import type { PoolRound } from './round.ts'

export interface PoolJudgement<T extends PoolConditionType> {
  readonly reason: PoolReason<T>
  readonly message: string
}

/** All conditions, in the order in which they are shown. */
export function judgePool(round: PoolRound): readonly Verdict<PoolConditionType>[] {
  return [
    poolVerdict('Ready', judgeReady(round)),
    poolVerdict('SpecValid', round.spec),
    poolVerdict('GenesisComplete', judgeGenesis(round.ceremony)),
    poolVerdict('NodesPrepared', judgePreparation(round)),
    poolVerdict('NodesReady', judgeNodes(round)),
    poolVerdict('Progressing', judgeProgress(round)),
    poolVerdict('Paused', { reason: 'NotPaused', message: 'the operator looks after the pool' }),
  ]
}

export function poolVerdict<T extends PoolConditionType>(
  type: T,
  judgement: PoolJudgement<T>,
): Verdict<PoolConditionType> {
  return verdictIn(POOL_REASONS, type, judgement)
}

function judgeReady(round: PoolRound): PoolJudgement<'Ready'> {
  const { spec, ceremony, preparations, members, rollout, problem, pool } = round
  const genesis = judgeGenesis(ceremony)
  if (genesis.reason !== 'Complete') {
    if (spec.reason !== 'Valid' && ceremony.kind === 'stuck') return { reason: 'SpecInvalid', message: spec.message }
    const isUnderWay = ceremony.kind === 'running' || ceremony.kind === 'waiting'
    return { reason: isUnderWay ? 'GenesisRunning' : 'GenesisFailed', message: genesis.message }
  }
  const prepared = judgePreparation(round)
  if (prepared.reason !== 'Prepared') {
    const isUnderWay =
      preparations?.every(({ kind }) => kind === 'prepared' || kind === 'running' || kind === 'waiting') ?? true
    return { reason: isUnderWay ? 'Preparing' : 'PreparationFailed', message: prepared.message }
  }
  if (rollout) return { reason: 'NewGeneration', message: judgeProgress(round).message }
  if (problem) return { reason: 'NewGeneration', message: `the spec has not reached the cluster: ${problem.message}` }
  if (members.some(({ live }) => live === undefined)) {
    return { reason: 'CreatingNodes', message: judgeNodes(round).message }
  }
  if (members.some(({ state }) => state !== 'ready')) {
    return { reason: 'NodesNotReady', message: judgeNodes(round).message }
  }
  if (pool.status?.firstBlockAt === undefined && !round.hasBlocks)
    return { reason: 'NoBlocks', message: noBlocks(members) }
  return { reason: 'Ready', message: `all ${members.length} nodes are Ready, and the network makes blocks` }
}

function noBlocks({ length }: readonly PoolMember[]): string {
  const waits = 'every node is Ready, and none has reported a block yet'
  return length === 2
    ? `${waits}: two validators alone stay in block sync. Let a third node connect to both, such as a SeiNode of mode full with this chain's genesis, these two as static peers, and the pool's label sei.io/nodepool`
    : waits
}

function judgeGenesis(ceremony: Ceremony): PoolJudgement<'GenesisComplete'> {
  switch (ceremony.kind) {
    case 'complete':
      return { reason: 'Complete', message: `genesis.json has the SHA-256 ${ceremony.result.genesisHash}` }
    case 'taken-over':
      return {
        reason: 'Complete',
        message: "the pool's nodes are there already: an earlier operator held the ceremony",
      }
    case 'waiting':
    case 'blocked':
      return { reason: 'VolumesPending', message: ceremony.message }
    case 'running':
      return { reason: 'JobRunning', message: ceremony.message }
    case 'stuck':
      return { reason: 'JobStuck', message: ceremony.message }
    case 'other-network':
      return { reason: 'OtherNetwork', message: ceremony.message }
    case 'failed':
      return {
        reason: 'JobFailed',
        message: `${ceremony.message}. Correct the cause, then set the annotation sei.io/retry-plan to a new value`,
      }
  }
}

const PREPARATION_REASONS = {
  'other-genesis': 'OtherGenesis',
  replaced: 'VolumeReplaced',
  failed: 'JobFailed',
  stuck: 'JobStuck',
  blocked: 'JobsRunning',
  running: 'JobsRunning',
  waiting: 'JobsRunning',
} as const satisfies Partial<Record<Preparation['kind'], PoolReason<'NodesPrepared'>>>

function judgePreparation({ preparations }: PoolRound): PoolJudgement<'NodesPrepared'> {
  if (!preparations)
    return { reason: 'WaitingForGenesis', message: 'the volumes are prepared when the ceremony is over' }
  const count = preparations.filter(({ kind }) => kind === 'prepared').length
  for (const [kind, reason] of Object.entries(PREPARATION_REASONS)) {
    const found = preparations.find(each => each.kind === kind)
    if (!found || found.kind === 'prepared') continue
    const retry =
      kind === 'failed' ? '. Correct the cause, then set the annotation sei.io/retry-plan to a new value' : ''
    const message = `${count} of ${preparations.length} volumes are prepared; ${found.message}${retry}`
    return { reason, message }
  }
  return { reason: 'Prepared', message: `all ${count} volumes hold their validator's files` }
}

function judgeNodes({ preparations, members }: PoolRound): PoolJudgement<'NodesReady'> {
  if (!preparations?.every(({ kind }) => kind === 'prepared') && members.every(({ live }) => live === undefined)) {
    return { reason: 'WaitingForPreparation', message: 'the nodes are made when the volumes are prepared' }
  }
  const missing = members.filter(({ live }) => live === undefined).map(({ names }) => names.node)
  if (missing.length > 0) return { reason: 'Creating', message: `${missing.join(', ')}: being made` }
  const waiting = members.filter(({ state }) => state !== 'ready').map(({ names }) => names.node)
  const ready = members.length - waiting.length
  if (waiting.length > 0) {
    return { reason: 'NotReady', message: `${ready} of ${members.length} nodes are Ready; not ${waiting.join(', ')}` }
  }
  return { reason: 'AllReady', message: `all ${members.length} nodes are Ready` }
}
