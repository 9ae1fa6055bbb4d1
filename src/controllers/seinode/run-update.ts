/** Brings a changed configuration to a node that runs: `runUpdate`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { TaskPlan } from '../../api/seinode-status.ts'
import { snapshotOf } from '../../plan/bootstrap.ts'
import { isRewrite, rewritePlan } from '../../plan/newer-config.ts'
import { NEWER_CONFIG_REMEDY } from '../../plan/readable-error.ts'
import type { AppliedConfig } from '../../plan/task-plan.ts'
import { removedKeys, updatedConfig } from '../../plan/update-plan.ts'
import { wantedConfig } from '../../plan/wanted-config.ts'
import type { Again } from '../shared/again.ts'
import type { NodeDependencies } from './dependencies.ts'
import { type RunningSidecar, seidState } from './pod-state.ts'
import type { SidecarRound } from './round.ts'
import { type NodePlanInput, runNodePlan } from './run-node-plan.ts'
import { waitForSidecar } from './wait-for-sidecar.ts'

export interface Update {
  readonly updatePlan: TaskPlan
  readonly updateHold?: string
  readonly peersUnresolved?: string
  readonly appliedConfig?: AppliedConfig
  readonly sidecar?: SidecarRound
  readonly again?: Again
}

/** Rejects only when `signal` aborts. */
export async function runUpdate(
  input: Omit<NodePlanInput, 'mode'>,
  pod: Readonly<Pod> | undefined,
  state: RunningSidecar,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Update> {
  const { node, plan } = input
  const { overrideKeys } = wantedConfig(node, dependencies.platform)
  const removed = removedKeys(node.status, overrideKeys)
  const isFull = removed.length > 0 || isRewrite(plan, state.containerID)
  const isUnsent = plan.tasks[0]?.status === 'Pending'
  const hasCaughtUp = node.status?.initPlan?.caughtUpAt !== undefined || seidState(pod).ready
  // A full rewrite erases the settings of state sync: a node that has yet to sync by them would start from nothing.
  if (isFull && isUnsent && snapshotOf(node.spec) && !hasCaughtUp) {
    const updateHold =
      removed.length === 0
        ? `${NEWER_CONFIG_REMEDY}. Otherwise the whole configuration is rewritten once the node has caught up with the chain for the first time`
        : `taking away ${removed.join(', ')} rewrites the whole configuration, which waits until the node has caught up with the chain for the first time. Set the values that are wanted instead to have them at once`
    return { updatePlan: plan, updateHold }
  }
  const mode = isFull ? 'full' : 'incremental'
  const run = await runNodePlan({ ...input, mode }, dependencies, signal)
  if (run.wait) {
    const { sidecar, ...rest } = waitForSidecar(run.wait, state, dependencies.clock.now())
    // The sidecar stays ready while it works on an update; only silence is news.
    return { updatePlan: run.plan, ...rest, ...(run.wait.kind === 'unreachable' ? { sidecar } : {}) }
  }
  const rewrite = rewritePlan(run.plan, state.containerID)
  if (rewrite) return { updatePlan: rewrite, again: { requeueAfterMs: 0 } }
  if (run.plan.phase !== 'Complete') return { updatePlan: run.plan }
  // The next round puts the hash of the new configuration on the pod's template.
  return { updatePlan: run.plan, appliedConfig: updatedConfig(run.plan), again: { requeueAfterMs: 0 } }
}
