/** What a reconcile of a pool that failed on the way knows all the same: `failedRound`. */
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { findCondition } from '../../lib/conditions.ts'
import { type Ceremony, knownCeremony } from './ceremony.ts'
import type { PoolMember } from './members.ts'
import { NO_HEIGHTS } from './nodes.ts'
import type { Preparation } from './preparation.ts'
import type { PoolRound } from './round.ts'

/** The nodes as they are, and the steps before them as they are on record. */
export function failedRound(
  pool: SeiNodePool,
  members: readonly PoolMember[],
  message: string,
  now: number,
): PoolRound {
  return {
    pool,
    spec: { reason: 'CheckFailed', message },
    problem: { reason: 'OperatorError', message },
    ceremony: recordedCeremony(pool, message),
    preparations: recordedPreparations(pool),
    members,
    pendingClaims: [],
    rollout: undefined,
    heights: NO_HEIGHTS,
    retryHandled: pool.status?.retryHandled,
    now,
  }
}

function recordedCeremony(pool: SeiNodePool, message: string): Ceremony {
  const isOver = findCondition(pool.status?.conditions, 'GenesisComplete')?.status === 'True'
  return knownCeremony(pool) ?? (isOver ? { kind: 'taken-over' } : { kind: 'waiting', message })
}

function recordedPreparations({ spec, status }: SeiNodePool): readonly Preparation[] | undefined {
  const recorded = (status?.nodes ?? []).flatMap(({ name, dataVolumeUID, replacedBy }): readonly Preparation[] => {
    if (dataVolumeUID === undefined) return []
    // That it was told is what a consent refers to.
    if (replacedBy !== undefined)
      return [{ kind: 'replaced', by: replacedBy, message: `the volume of ${name} was replaced` }]
    return [{ kind: 'prepared', volumeUID: dataVolumeUID, isNew: false }]
  })
  return recorded.length === spec.nodeConfiguration.nodeCount ? recorded : undefined
}
