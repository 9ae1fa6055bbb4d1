/** Carries a node's plan on as far as it goes at once: `runNodePlan`, and `runUpdate` for a changed configuration of a node that runs; looks up peers where the sidecar does not: `refusedDiscovery`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { PEERS_KEY } from '../../../api/names.ts'
import type { TaskPlan } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { nodeSettings } from '../../../build/node-settings.ts'
import { snapshotOf } from '../../../plan/bootstrap.ts'
import { ignoredLocation, unknownTargetHeight } from '../../../plan/ignored-location.ts'
import type { IdentifiedPlan } from '../../../plan/init-plan.ts'
import { isRewrite, rewritePlan } from '../../../plan/newer-config.ts'
import { peersOf } from '../../../plan/peers.ts'
import { NEWER_CONFIG_REMEDY } from '../../../plan/readable-error.ts'
import { type ApplyMode, taskParams } from '../../../plan/task-params.ts'
import { accountedTaskIDs, type AppliedConfig } from '../../../plan/task-plan.ts'
import { isTaskType } from '../../../plan/task-type.ts'
import { resetsStateSync, updatedConfig } from '../../../plan/update-plan.ts'
import { snapshotHashOf } from '../../../plan/used-snapshot.ts'
import { wantedConfig } from '../../../plan/wanted-config.ts'
import type { SidecarClient, TaskResult } from '../../../sidecar/client.ts'
import { type RunningSidecar, seidState } from '../../shared/pods/pod-state.ts'
import type { Requeue } from '../../shared/requeue.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { SidecarObservation } from '../observation.ts'
import type { ConfigState } from '../rollout/pod-change.ts'
import { type PlanCursor, type PlanRun, type Refusal, runPlan, type TaskBody } from './plan-runner.ts'
import { waitForSidecar } from './readiness.ts'

export interface NodePlanInput {
  readonly node: Readonly<SeiNode>
  readonly plan: IdentifiedPlan
  /** How the plan's config-apply treats what is on the volume. */
  readonly mode: ApplyMode
  readonly sidecar: SidecarClient
  readonly cursor: PlanCursor
  /** Why the plan's mark-ready has to wait; undefined where it may be sent. */
  readonly findReadyBlock?: () => Promise<string | undefined>
}

/** Rejects only when `signal` aborts. */
export function runNodePlan(
  { node, plan, mode, sidecar, cursor, findReadyBlock }: NodePlanInput,
  dependencies: Pick<NodeDependencies, 'platform' | 'clock' | 'peers'>,
  signal: AbortSignal,
): Promise<PlanRun> {
  const { platform, clock } = dependencies
  return runPlan({
    plan,
    sidecar,
    cursor,
    requestFor,
    blockFor: async type => (type === 'mark-ready' ? findReadyBlock?.() : undefined),
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

export interface Update {
  readonly updatePlan: TaskPlan
  readonly updateWait?: string
  readonly peersUnresolved?: string
  readonly appliedConfig?: AppliedConfig
  readonly sidecar?: SidecarObservation
  readonly requeue?: Requeue
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
    const updateWait =
      removed.length === 0
        ? `${NEWER_CONFIG_REMEDY}. Otherwise the whole configuration is rewritten once the node has caught up with the chain for the first time`
        : `taking away ${removed.join(', ')} rewrites the whole configuration and waits until the node has caught up with the chain for the first time; the rest of the change waits with it. To have it now, delete pod ${pod?.metadata?.name}, or set the values that are wanted in place of those`
    return { updatePlan: plan, updateWait }
  }
  const mode = isFull ? 'full' : 'incremental'
  const run = await runNodePlan({ ...input, mode }, dependencies, signal)
  if (run.wait) {
    const { sidecar, ...rest } = waitForSidecar(run.wait, state, dependencies.clock.now())
    // The sidecar stays ready while it works on an update; only silence is news.
    return { updatePlan: run.plan, ...rest, ...(run.wait.kind === 'unreachable' ? { sidecar } : {}) }
  }
  const rewrite = rewritePlan(run.plan, state.containerID)
  if (rewrite) return { updatePlan: rewrite, requeue: { requeueAfterMs: 0 } }
  if (run.plan.phase !== 'Complete') return { updatePlan: run.plan }
  // The next reconcile restarts the pod, or lets seid start.
  return { updatePlan: run.plan, appliedConfig: updatedConfig(run.plan), requeue: { requeueAfterMs: 0 } }
}

/**
 * Peers that the spec names outright have reached the node with config-apply. For all others the operator looks up the
 * peers, and a config-apply that changes nothing else takes them to the node.
 * @param message the sidecar's
 */
export async function refusedDiscovery(
  node: Readonly<SeiNode>,
  message: string,
  { peers, platform }: Pick<NodeDependencies, 'peers' | 'platform'>,
  signal: AbortSignal,
): Promise<Refusal> {
  const sources = peersOf(node.spec)
  if (node.spec.overrides?.[PEERS_KEY] !== undefined) {
    return {
      kind: 'completed',
      note: 'the sidecar does not support the task discover-peers; config-apply set the peers of spec.overrides',
    }
  }
  if (sources.every(peer => peer.static)) {
    return {
      kind: 'completed',
      note: 'the sidecar does not support the task discover-peers; config-apply set the static peers',
    }
  }
  const resolution = await peers.resolve(sources, signal)
  switch (resolution.kind) {
    case 'resolved': {
      const { mode } = nodeSettings(node, platform)
      const overrides = { [PEERS_KEY]: resolution.addresses.join(',') }
      return {
        kind: 'instead',
        body: { type: 'config-apply', params: { mode, incremental: true, targetVersion: 0, overrides } },
      }
    }
    case 'failed':
      return { kind: 'rejected', error: `${message}, so the operator looked for the peers itself: ${resolution.error}` }
    case 'wait':
      return { kind: 'unresolved', message: resolution.message }
  }
}

/** How peers reached the node that the sidecar did not discover. */
export function discoveryNote({ params }: Pick<TaskResult, 'params'>): string {
  const { overrides } = (params ?? {}) as { readonly overrides?: Readonly<Record<string, unknown>> }
  const value = overrides?.[PEERS_KEY]
  const count = typeof value === 'string' ? value.split(',').length : undefined
  const peers = count === 1 ? 'the one peer' : `${count ?? 'the'} peers`
  return `the sidecar does not support the task discover-peers; the operator looked up ${peers}, which config-apply set`
}
