/** Which snapshot the tasks of a bootstrap were sent: `snapshotHashOf`, `changedSince`, `beganFrom`. Pure. */
import type { TaskPlan } from '../api/seinode-status.ts'
import type { SeiNodeSpec } from '../api/seinode.ts'
import { stableHash } from '../lib/stable-hash.ts'
import { snapshotOf } from './bootstrap.ts'
import { snapshotHash } from './wanted-config.ts'

/** Hash of the snapshot fields that a task reads; undefined for a task that reads none. */
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

/** Whether the complete bootstrap used the snapshot that the spec has now; true if unknown. */
export function beganFrom(plan: TaskPlan, spec: SeiNodeSpec): boolean {
  const isRecorded = plan.snapshotHash === undefined || plan.snapshotHash === snapshotHash(spec)
  return isRecorded && (changedSince(plan, spec) ?? []).length === 0
}

/**
 * The submitted tasks whose snapshot differs from the one in the spec. Undefined where the plan did not record what the
 * tasks were sent.
 */
export function changedSince({ tasks }: TaskPlan, spec: SeiNodeSpec): readonly string[] | undefined {
  const sent = tasks.filter(
    ({ status, specHash }) => specHash !== undefined && (status === 'Submitted' || status === 'Complete'),
  )
  if (sent.length === 0) return undefined
  return sent.filter(({ type, specHash }) => specHash !== snapshotHashOf(type, spec)).map(({ type }) => type)
}
