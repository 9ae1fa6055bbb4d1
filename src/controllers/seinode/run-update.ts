/** Brings a changed configuration to a node that runs: `runUpdate`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { TaskPlan } from '../../api/seinode-status.ts'
import { snapshotOf } from '../../plan/bootstrap.ts'
import { isRewrite, rewritePlan } from '../../plan/newer-config.ts'
import { NEWER_CONFIG_REMEDY } from '../../plan/readable-error.ts'
import type { AppliedConfig } from '../../plan/task-plan.ts'
import { resetsStateSync, updatedConfig } from '../../plan/update-plan.ts'
import type { Again } from '../shared/again.ts'
import type { ConfigState } from './config-state.ts'
import type { NodeDependencies } from './dependencies.ts'
import { type RunningSidecar, seidState } from '../shared/pod-state.ts'
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
  { removed }: Pick<ConfigState, 'removed'>,
  pod: Readonly<Pod> | undefined,
  state: RunningSidecar,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Update> {
  const { node, plan } = input
  const isFull = removed.length > 0 || isRewrite(plan, state.containerID)
  const isUnsent = plan.tasks[0]?.status === 'Pending'
  const seid = seidState(pod)
  const isSyncing = snapshotOf(node.spec) && node.status?.initPlan?.caughtUpAt === undefined && !seid.ready
  // A full rewrite erases the settings of state sync, which a seid that runs may be about to use. A pod that is made for
  // the rewrite has them written anew.
  if (isFull && isUnsent && isSyncing && (seid.running || (removed.length === 0 && !resetsStateSync(plan)))) {
    const updateHold =
      removed.length === 0
        ? `${NEWER_CONFIG_REMEDY}. Otherwise the whole configuration is rewritten once the node has caught up with the chain for the first time`
        : `taking away ${removed.join(', ')} rewrites the whole configuration and waits until the node has caught up with the chain for the first time; the rest of the change waits with it. To have it now, delete pod ${pod?.metadata?.name}, or set the values that are wanted in place of those`
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
  // The next reconcile restarts the pod, or lets seid start.
  return { updatePlan: run.plan, appliedConfig: updatedConfig(run.plan), again: { requeueAfterMs: 0 } }
}
