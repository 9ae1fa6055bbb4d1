/** A configuration on the volume that a newer sidecar wrote, and an older one cannot read: `rewritePlan`. Pure. */
import type { TaskPlan } from '../api/seinode-status.ts'
import { isVersionRefused } from './readable-error.ts'
import { failedTask, resumed } from './task-plan.ts'

/** Whether the plan writes the configuration as a whole, with the sidecar that runs now. */
export function isRewrite({ unreadableFor }: TaskPlan, sidecarStart: string): boolean {
  return unreadableFor === sidecarStart
}

/**
 * The plan with its failed config-apply to be sent once more, as a full rewrite, which reads nothing; undefined where it
 * failed for another reason. Another start of the sidecar, which may be of another version, is asked to read it again.
 * @param sidecarStart container id of the sidecar that refused
 */
export function rewritePlan<P extends TaskPlan>(plan: P, sidecarStart: string): P | undefined {
  const failed = failedTask(plan)
  if (plan.phase !== 'Failed' || failed?.type !== 'config-apply' || isRewrite(plan, sidecarStart)) return undefined
  if (!isVersionRefused(failed.error ?? '')) return undefined
  return { ...plan, ...resumed(plan), unreadableFor: sidecarStart }
}
