/** Recovers from a configuration that a newer sidecar wrote and this one cannot read: `rewritePlan`. Pure. */
import type { TaskPlan } from '../api/seinode-status.ts'
import { isVersionRefused } from './readable-error.ts'
import { failedTask, resumed } from './task-plan.ts'

/** Whether the plan rewrites the whole configuration with the sidecar that runs now. */
export function isRewrite({ unreadableFor }: TaskPlan, sidecarStart: string): boolean {
  return unreadableFor === sidecarStart
}

/**
 * The plan with its failed config-apply replaced by a full rewrite, which does not read the existing files; undefined
 * where the task failed for another reason. After another start of the sidecar, which may be of another version, the
 * incremental apply is tried first.
 * @param sidecarStart container id of the sidecar that refused
 */
export function rewritePlan<P extends TaskPlan>(plan: P, sidecarStart: string): P | undefined {
  const failed = failedTask(plan)
  if (plan.phase !== 'Failed' || failed?.type !== 'config-apply' || isRewrite(plan, sidecarStart)) return undefined
  if (!isVersionRefused(failed.error ?? '')) return undefined
  return { ...plan, ...resumed(plan), unreadableFor: sidecarStart }
}
