/** The status of a paused SeiNodePool, for which nothing is checked and nothing changed: `pausedStatus`. Pure. */
import type { PoolConditionType, PoolReason } from '../../../api/conditions.ts'
import type { SeiNodePoolStatus } from '../../../api/seinodepool-status.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { findCondition, type Condition } from '../../../lib/conditions.ts'
import type { Failure } from '../../shared/failures.ts'
import { evaluateNodes } from './pool-conditions.ts'
import { mergedConditions, poolCondition, poolProgress } from '../../shared/conditions.ts'
import type { PoolMember } from '../nodes/members.ts'
import { volumeGrowth } from './volume-growth.ts'
import { countReady, poolNode } from '../status.ts'

const RESUME = 'Set spec.paused to false to resume'

/**
 * How its nodes are is told all the same: reading changes nothing.
 * @param now milliseconds since the epoch
 * @param failure of the one thing that a pause does not hold back
 */
export function pausedStatus(
  pool: SeiNodePool,
  members: readonly PoolMember[],
  now: number,
  failure?: Failure,
): SeiNodePoolStatus {
  const {
    metadata: { generation },
    status = {},
  } = pool
  return {
    ...status,
    totalNodes: members.length,
    readyNodes: countReady(members),
    nodes: members.map(member => ({
      ...status.nodes?.find(({ name }) => name === member.names.node),
      ...poolNode(member),
    })),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: status.phase ?? 'Pending',
    conditions: mergedConditions(
      status.conditions,
      pausedConditions(pool, members, failure),
      generation,
      new Date(now).toISOString(),
    ),
  }
}

function pausedConditions(
  pool: SeiNodePool,
  members: readonly PoolMember[],
  failure: Failure | undefined,
): readonly Condition<PoolConditionType>[] {
  const { status = {} } = pool
  const growth = volumeGrowth(pool, undefined)
  return [
    poolCondition('Ready', {
      reason: 'Paused',
      message: `the pool is paused, so its readiness is not evaluated. ${RESUME}`,
    }),
    poolCondition('SpecValid', { reason: 'NotChecked', message: 'the pool is paused' }),
    asStored(status, 'GenesisComplete', 'VolumesPending'),
    asStored(status, 'NodesPrepared', 'WaitingForGenesis'),
    poolCondition(
      'NodesReady',
      evaluateNodes(
        members,
        members.some(({ live }) => live !== undefined),
      ),
    ),
    ...(growth ? [poolCondition('VolumeGrowth', growth)] : []),
    ...poolProgress(failure ?? { reason: 'Paused', message: `nothing is changed for the pool. ${RESUME}` }),
    poolCondition('Paused', {
      reason: 'PausedBySpec',
      message: `spec.paused is true: the operator does not change the pool's objects; its nodes keep running. ${RESUME}`,
    }),
  ]
}

/** How far the pool had come is as true as before. */
function asStored<T extends PoolConditionType>(
  { conditions }: SeiNodePoolStatus,
  type: T,
  atFirst: PoolReason<T>,
): Condition<PoolConditionType> {
  const stored = findCondition(conditions, type)
  if (!stored) return poolCondition(type, { reason: atFirst, message: 'the pool is paused' })
  const { status, reason, message } = stored
  return { type, status, reason, message }
}
