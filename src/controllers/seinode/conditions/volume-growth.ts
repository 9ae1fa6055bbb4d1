/** The condition VolumeGrowth of a node with `spec.storage.autoGrow`, and what status says of its growths: `volumeGrowth`, `growthStatus`. Pure. */
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import { isGrowthReason } from '../../../api/growth-conditions.ts'
import { growthRecord } from '../../../build/claim-growth.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { NodeFinding } from '../../shared/conditions.ts'
import type { Observation } from '../observation.ts'

/** Undefined without `spec.storage.autoGrow`. */
export function volumeGrowth({ node, growth, volumeUse }: Observation): NodeFinding<'VolumeGrowth'> | undefined {
  if (!node.spec.storage?.autoGrow) return undefined
  if (node.spec.paused) return { reason: 'NotChecked', message: 'the node is paused: its volume does not grow' }
  if (!growth) return { reason: 'NotBound', message: 'the node has no volume that it may use' }
  const stored = findCondition(node.status?.conditions, 'VolumeGrowth')
  // A new operator process has other figures, which alone are not worth a write.
  const isRecorded = volumeUse?.kind === 'known' && volumeUse.isRecorded && stored?.reason === growth.reason
  const isCurrent = stored?.observedGeneration === node.metadata.generation
  const isKept = growth.isUnasked || (isRecorded && isCurrent && growth.reason !== 'Growing')
  if (!stored || !isKept || !isGrowthReason(stored.reason)) return { reason: growth.reason, message: growth.message }
  return { reason: stored.reason, message: stored.message }
}

type GrowthStatus = Pick<NonNullable<SeiNodeStatus['dataVolume']>, 'grownAt' | 'growths'>

export function growthStatus({ children: { dataVolume } }: Observation): GrowthStatus {
  const record = growthRecord(dataVolume)
  return record ? { grownAt: record.at, growths: record.count } : {}
}
