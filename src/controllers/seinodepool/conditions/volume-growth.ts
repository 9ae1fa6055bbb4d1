/** The condition VolumeGrowth of a pool with `spec.storage.autoGrow`: `volumeGrowth`. Pure. */
import { isGrowthReason } from '../../../api/growth-conditions.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { PoolFinding } from '../../shared/conditions.ts'
import type { PoolGrowth } from '../volumes/growth.ts'

/**
 * @param growth what a reconcile found; undefined where it did not look
 * @returns undefined without `spec.storage.autoGrow`
 */
export function volumeGrowth(
  { spec, status, metadata }: SeiNodePool,
  growth: PoolGrowth | undefined,
): PoolFinding<'VolumeGrowth'> | undefined {
  if (!spec.storage?.autoGrow) return undefined
  if (spec.paused) return { reason: 'NotChecked', message: 'the pool is paused: its volumes do not grow' }
  const stored = findCondition(status?.conditions, 'VolumeGrowth')
  const isCurrent = stored?.observedGeneration === metadata.generation
  // A new operator process has other figures, or none yet, which alone are not worth a write.
  const isAsBefore = growth?.isRecorded === true && isCurrent && growth.reason !== 'Growing'
  const isKept = !growth || (isAsBefore && (growth.reason === 'NotObserved' || growth.reason === stored?.reason))
  if (stored && isKept && isGrowthReason(stored.reason)) return { reason: stored.reason, message: stored.message }
  if (!growth) return { reason: 'NotBound', message: 'the volumes of the pool are not known yet' }
  return { reason: growth.reason, message: growth.message }
}
