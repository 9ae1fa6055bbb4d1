/** Reports an error that ended the reconcile of a SeiNodePool, with what is known of the pool all the same: `reportPoolFailure`. */
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { findCondition } from '../../lib/conditions.ts'
import { lossOf } from '../../plan/volume-consent.ts'
import type { VerifiedChildren } from '../shared/children/verified-children.ts'
import { isTerminating } from '../shared/deletion.ts'
import { deletionFailure, type Failure } from '../shared/failures.ts'
import type { LocalStates } from '../shared/local-state.ts'
import { pausedStatus } from './conditions/paused-status.ts'
import type { PoolDependencies } from './dependencies.ts'
import { reportTerminating } from './finalize.ts'
import { type Ceremony, knownCeremony } from './jobs/ceremony.ts'
import { NONE, type Preparation } from './jobs/preparation.ts'
import { membersOf, type PoolMember } from './nodes/members.ts'
import { NO_CHAIN, type PoolObservation } from './observation.ts'
import { buildPoolStatus, reportPool } from './status.ts'

export async function reportPoolFailure(
  key: string,
  failure: Failure,
  localStates: LocalStates<VerifiedChildren>,
  shared: Omit<PoolDependencies, 'verified'>,
  signal: AbortSignal,
): Promise<void> {
  const pool = shared.stores.pools.get(key)
  if (!pool) return
  const dependencies = { ...shared, verified: localStates.of(key, pool.metadata.uid ?? '') }
  if (isTerminating(pool)) return reportTerminating(pool, deletionFailure(failure), dependencies, signal)
  const members = membersOf(pool, undefined, dependencies)
  const now = dependencies.clock.now()
  const status = pool.spec.paused
    ? pausedStatus(pool, members, now, failure)
    : buildPoolStatus(failedObservation(pool, members, failure, now))
  await reportPool(pool, status, {}, dependencies, signal)
}

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
    chain: NO_CHAIN,
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
