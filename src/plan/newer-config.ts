/** A configuration on the volume that a newer sidecar wrote, and an older one cannot read: `rewritePlan`. Pure. */
import type { TaskPlan } from '../api/seinode-status.ts'
import { isVersionRefused } from './readable-error.ts'
import { failedTask } from './task-plan.ts'

/**
 * The plan with its failed config-apply to be sent once more, as a full rewrite, which reads nothing; undefined where it
 * failed for another reason.
 */
export function rewritePlan<P extends TaskPlan>(plan: P): P | undefined {
  const failed = failedTask(plan)
  if (plan.phase !== 'Failed' || plan.rewrites === true || failed?.type !== 'config-apply') return undefined
  if (!isVersionRefused(failed.error ?? '')) return undefined
  const tasks = plan.tasks.map(task => {
    if (task !== failed) return task
    const { error: _error, completedAt: _completedAt, submittedAt: _submittedAt, ...rest } = task
    return { ...rest, status: 'Pending' as const, attempt: (task.attempt ?? 1) + 1 }
  })
  return { ...plan, phase: 'Active', rewrites: true, tasks }
}
