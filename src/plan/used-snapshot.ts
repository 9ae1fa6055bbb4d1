/** Which tasks of a bootstrap read the snapshot of the spec, and what they were sent: `snapshotHashOf`, `changedSince`, `beganFrom`. Pure. */
import type { TaskPlan } from '../api/seinode-status.ts'
import type { SeiNodeSpec } from '../api/seinode.ts'
import { stableHash } from '../lib/stable-hash.ts'
import { snapshotOf } from './bootstrap.ts'
import { snapshotHash } from './wanted-config.ts'

/** Of what a task reads of the snapshot; undefined for a task that reads nothing of it. */
export function snapshotHashOf(type: string, spec: SeiNodeSpec): string | undefined {
  const { s3, trustPeriod, backfillBlocks, rpcServers } = snapshotOf(spec) ?? {}
  switch (type) {
    case 'snapshot-restore':
      return stableHash({ s3 })
    case 'configure-state-sync':
      return stableHash({ isRestored: s3 !== undefined, trustPeriod, backfillBlocks, rpcServers })
    default:
      return undefined
  }
}

/** Whether the bootstrap that is complete began from the snapshot that the spec has now; true where nothing tells. */
export function beganFrom(plan: TaskPlan, spec: SeiNodeSpec): boolean {
  const isRecorded = plan.snapshotHash === undefined || plan.snapshotHash === snapshotHash(spec)
  return isRecorded && (changedSince(plan, spec) ?? []).length === 0
}

/**
 * The tasks that were sent to the sidecar with another snapshot than the spec has now. Undefined where the plan does not
 * record what they were sent.
 */
export function changedSince({ tasks }: TaskPlan, spec: SeiNodeSpec): readonly string[] | undefined {
  const sent = tasks.filter(
    ({ status, specHash }) => specHash !== undefined && (status === 'Submitted' || status === 'Complete'),
  )
  if (sent.length === 0) return undefined
  return sent.filter(({ type, specHash }) => specHash !== snapshotHashOf(type, spec)).map(({ type }) => type)
}
