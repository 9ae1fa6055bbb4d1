/** Carries one of a node's plans on as far as it goes at once: `runNodePlan`. */
import type { SeiNode } from '../../api/seinode.ts'
import { ignoredLocation, unknownTargetHeight } from '../../plan/ignored-location.ts'
import type { IdentifiedPlan } from '../../plan/init-plan.ts'
import { type ApplyMode, taskParams } from '../../plan/task-params.ts'
import { accountedTaskIDs } from '../../plan/task-plan.ts'
import { snapshotHashOf } from '../../plan/used-snapshot.ts'
import { wantedConfig } from '../../plan/wanted-config.ts'
import { isTaskType } from '../../plan/task-type.ts'
import type { SidecarClient, TaskResult } from '../../sidecar/client.ts'
import type { NodeDependencies } from './dependencies.ts'
import type { PlanCursor } from './plan-cursor.ts'
import { type PlanRun, type Refusal, runPlan, type TaskBody } from './plan-runner.ts'
import { discoveryNote, refusedDiscovery } from './refused-discovery.ts'

export interface NodePlanInput {
  readonly node: Readonly<SeiNode>
  readonly plan: IdentifiedPlan
  /** How the plan's config-apply treats what is on the volume. */
  readonly mode: ApplyMode
  readonly sidecar: SidecarClient
  readonly cursor: PlanCursor
  /** Why the plan's mark-ready has to wait; undefined where it may be sent. */
  readonly holdReady?: () => Promise<string | undefined>
}

/** Rejects only when `signal` aborts. */
export function runNodePlan(
  { node, plan, mode, sidecar, cursor, holdReady }: NodePlanInput,
  dependencies: Pick<NodeDependencies, 'platform' | 'clock' | 'peers'>,
  signal: AbortSignal,
): Promise<PlanRun> {
  const { platform, clock } = dependencies
  return runPlan({
    plan,
    sidecar,
    cursor,
    requestFor,
    holdFor: async type => (type === 'mark-ready' ? holdReady?.() : undefined),
    onRejected,
    noteFor,
    otherTaskIDs: accountedTaskIDs(node.status),
    now: () => clock.now(),
    signal,
  })

  function requestFor(type: string): TaskBody | { readonly impossible: string } {
    // Written by another version of the operator: skipping it would start seid on a volume that is not prepared.
    if (!isTaskType(type)) return { impossible: `this operator does not know task ${type}` }
    const params = taskParams(type, node, platform, mode)
    const specHash = snapshotHashOf(type, node.spec)
    const body = { type, ...(params ? { params } : {}), ...(specHash === undefined ? {} : { specHash }) }
    if (type !== 'config-apply') return body
    return { ...body, config: wantedConfig(node, platform) }
  }

  function onRejected(type: string, message: string): Refusal | Promise<Refusal> {
    return type === 'discover-peers' && message.startsWith('unknown task type')
      ? refusedDiscovery(node, message, dependencies, signal)
      : { kind: 'rejected', error: message }
  }

  function noteFor(result: TaskResult, planned: string): string | undefined {
    if (planned === 'discover-peers' && result.type === 'config-apply') return discoveryNote(result)
    return result.run === undefined ? unknownTargetHeight(result.type, node) : ignoredLocation(result.type, node)
  }
}
