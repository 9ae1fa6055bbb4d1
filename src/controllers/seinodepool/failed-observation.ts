/** What a reconcile of a pool that failed on the way knows all the same: `failedObservation`. */
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { findCondition } from '../../lib/conditions.ts'
import { lossOf } from '../../plan/volume-block.ts'
import type { Failure } from '../shared/failures.ts'
import { type Ceremony, knownCeremony } from './jobs/ceremony.ts'
import type { PoolMember } from './nodes/members.ts'
import { NO_HEIGHTS } from './observation.ts'
import { NONE, type Preparation } from './jobs/preparation.ts'
import type { PoolObservation } from './observation.ts'

/** The nodes as they are, and the steps before them as they are on record. */
export function failedObservation(
  pool: SeiNodePool,
  members: readonly PoolMember[],
  failure: Failure,
  now: number,
): PoolObservation {
  const { message } = failure
  const ceremony = recordedCeremony(pool, message)
  return {
    pool,
    spec: { reason: 'CheckFailed', message },
    problem: failure,
    ceremony,
    preparations: recordedPreparations(pool, ceremony.kind === 'taken-over'),
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

function recordedPreparations({ spec, status }: SeiNodePool, isTakenOver: boolean): readonly Preparation[] | undefined {
  const recorded = (status?.nodes ?? []).flatMap(({ name, dataVolumeUID, replacedBy }): readonly Preparation[] => {
    if (dataVolumeUID === undefined) return []
    // The message keeps the value that ends the hold.
    if (replacedBy !== undefined) {
      const gone = isTakenOver ? undefined : lossOf(dataVolumeUID)
      const accept = replacedBy === NONE ? gone : replacedBy
      return [{ kind: 'replaced', by: replacedBy, accept, message: `the volume of ${name} was replaced` }]
    }
    return [{ kind: 'prepared', volumeUID: dataVolumeUID, isNew: false }]
  })
  return recorded.length === spec.nodeConfiguration.nodeCount ? recorded : undefined
}
