/** Reports an error that ended the reconcile of a SeiNodePool, with what is known of the pool all the same: `reportPoolFailure`. */
import { isTerminating } from '../shared/deletion.ts'
import { deletionFailure, type Failure } from '../shared/failures.ts'
import type { LocalStates } from '../shared/local-state.ts'
import type { VerifiedChildren } from '../shared/children/verified-children.ts'
import type { PoolDependencies } from './dependencies.ts'
import { failedObservation } from './failed-observation.ts'
import { reportTerminating } from './finalize.ts'
import { membersOf } from './nodes/members.ts'
import { pausedStatus } from './conditions/paused-status.ts'
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
