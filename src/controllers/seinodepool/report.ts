/** Tells what a reconcile found: status, then the events that the change of status is worth: `reportPool`. */
import { API_VERSION } from '../../api/names.ts'
import type { SeiNodePoolStatus } from '../../api/seinodepool-status.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { statusRefused } from '../shared/write-object.ts'
import type { PoolDependencies } from './dependencies.ts'
import { poolWriter } from './owner.ts'
import { poolEvents, type PoolNews } from './events.ts'

/** Events follow the write, so a change is told once whatever fails. */
export async function reportPool(
  pool: Readonly<SeiNodePool>,
  status: SeiNodePoolStatus,
  news: PoolNews,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { events } = dependencies
  const kind = { apiVersion: API_VERSION, kind: 'SeiNodePool' }
  const written = await poolWriter(dependencies)
    .writeStatus(pool, status, signal)
    .catch(error => statusRefused(events, { ...pool, ...kind }, error))
  if (written === pool) return
  const regarding = { ...written, ...kind }
  for (const event of poolEvents(pool.status, status, news)) events.event({ regarding, ...event })
}
