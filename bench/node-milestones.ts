/** How far a SeiNode, or the pod of one, has got: what the benchmark waits for. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { SIDECAR_CONTAINER } from '../src/api/names.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import { findCondition } from '../src/lib/conditions.ts'

export type NodeMilestone = 'plan-complete' | 'running' | 'ready'

/** @throws Error where the bootstrap failed, with its reason */
export function nodeMilestones({ metadata, status }: SeiNode): readonly NodeMilestone[] {
  const { phase, initPlan, conditions } = status ?? {}
  if (phase === 'Failed') {
    throw new Error(
      `SeiNode ${metadata.name} failed: ${findCondition(conditions, 'Initialized')?.message ?? 'no reason'}`,
    )
  }
  const reached: NodeMilestone[] = []
  if (initPlan?.phase === 'Complete') reached.push('plan-complete')
  if (phase === 'Running') reached.push('running')
  if (findCondition(conditions, 'Ready')?.status === 'True') reached.push('ready')
  return reached
}

/** From here on it is up to the operator: the sidecar of the pod runs. */
export function podMilestones({ status }: Pod): readonly 'sidecar-running'[] {
  const sidecar = status?.initContainerStatuses?.find(({ name }) => name === SIDECAR_CONTAINER)
  return sidecar?.state?.running === undefined ? [] : ['sidecar-running']
}
