/** Whether a changed pod template waits for a changed configuration, so that one edit is one restart: `holdsTemplate`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { configHash } from '../../plan/node-config.ts'
import type { NodeMemory } from './memory.ts'
import { seidState } from './pod-state.ts'

/** An update takes a second. What hinders one for longer may be what the new template mends. Milliseconds. */
export const LONGEST_HOLD_MS = 30_000

/**
 * Only for a pod that is well: any other is to have its new template at once.
 * @param now milliseconds since the epoch
 */
export function holdsTemplate(
  { spec, status }: Readonly<SeiNode>,
  pod: Readonly<Pod> | undefined,
  memory: NodeMemory,
  now: number,
): boolean {
  const { initPlan, updatePlan, appliedConfig } = status ?? {}
  const isDue = initPlan?.phase === 'Complete' && appliedConfig !== undefined && appliedConfig.hash !== configHash(spec)
  if (!isDue || updatePlan?.phase === 'Failed' || !seidState(pod).ready) {
    memory.templateHeldSince = undefined
    return false
  }
  memory.templateHeldSince ??= now
  return now - memory.templateHeldSince < LONGEST_HOLD_MS
}
