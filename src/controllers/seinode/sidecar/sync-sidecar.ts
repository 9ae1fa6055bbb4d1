/** One synchronisation with a node's sidecar: bootstrap, readiness, changed configuration, recurring work: `syncSidecar`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { RecurringTask, TaskPlan } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { nodeSettings } from '../../../build/node-settings.ts'
import { snapshotOf } from '../../../plan/bootstrap.ts'
import { type IdentifiedPlan, isIdentified } from '../../../plan/init-plan.ts'
import { isRewrite, rewritePlan } from '../../../plan/newer-config.ts'
import { recurringTasks, scheduleProblems } from '../../../plan/recurring.ts'
import { type AppliedConfig, appliedConfigOf, completedCount } from '../../../plan/task-plan.ts'
import { snapshotHash } from '../../../plan/wanted-config.ts'
import type { SidecarClient } from '../../../sidecar/client.ts'
import {
  type RunningSidecar,
  seidState,
  sidecarPortOf,
  sidecarState,
  unaskedSidecar,
} from '../../shared/pods/pod-state.ts'
import { type Requeue, soonest } from '../../shared/requeue.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { NodeLocalState } from '../local-state.ts'
import type { RecurringFindings, SidecarObservation } from '../observation.ts'
import type { ConfigState, PodChange } from '../rollout/pod-change.ts'
import { podConfirmation } from './confirm-pod.ts'
import { endUnwantedWork } from './end-unwanted-work.ts'
import { keepReady, RELEASE_CHECK_MS, SLOWEST_HOLD_MS, waitForSidecar } from './readiness.ts'
import { runRecurring } from './recurring.ts'
import { runNodePlan, runUpdate, type Update } from './run-plans.ts'

export interface SidecarSync {
  readonly plan: TaskPlan | undefined
  readonly sidecar: SidecarObservation
  readonly updatePlan?: TaskPlan | undefined
  /** Why the update plan has to wait. */
  readonly updateWait?: string | undefined
  /** Why the peers that a plan needs cannot be looked up just now. */
  readonly peersUnresolved?: string | undefined
  /** Where a plan has just written it. */
  readonly appliedConfig?: AppliedConfig | undefined
  readonly recurring: RecurringFindings
  readonly requeue?: Requeue | undefined
}

interface Visit {
  readonly node: Readonly<SeiNode>
  readonly plan: IdentifiedPlan
  /** As in status: the one under way, or the last. */
  readonly updatePlan: TaskPlan | undefined
  readonly config: ConfigState
  readonly change: PodChange | undefined
  readonly pod: Readonly<Pod> | undefined
  readonly local: NodeLocalState
  /** Why the sidecar may not be marked ready; undefined where it may. */
  readonly findReadyBlock: () => Promise<string | undefined>
}

/** Rejects only when `signal` aborts. */
export async function syncSidecar(
  visit: Visit,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<SidecarSync> {
  const { node, plan, pod, updatePlan } = visit
  // The last update stays in sight when it is over.
  const asBefore = {
    plan,
    updatePlan: updatePlan ?? node.status?.updatePlan,
    recurring: storedRecurring(node, dependencies),
  }
  const state = sidecarState(pod)
  if (!pod || state.kind === 'absent') return { ...asBefore, sidecar: { kind: 'absent' } }
  const port = sidecarPortOf(pod) ?? nodeSettings(node, dependencies.platform).sidecar.port
  const sidecar = dependencies.dialSidecar(
    { host: state.podIP, port, containerID: state.containerID },
    podConfirmation(pod, state, visit.local, dependencies),
  )
  switch (plan.phase) {
    case 'Active':
      return { ...asBefore, ...(await bootstrap(visit, state, sidecar, dependencies, signal)) }
    case 'Failed':
      return { ...asBefore, sidecar: unaskedSidecar(pod) }
    case 'Complete':
      return { ...asBefore, ...(await maintain(visit, state, sidecar, dependencies, signal)) }
  }
}

async function bootstrap(
  { node, plan, local, findReadyBlock }: Visit,
  state: RunningSidecar,
  sidecar: SidecarClient,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Partial<SidecarSync> & Pick<SidecarSync, 'sidecar'>> {
  const ended = await endUnwantedWork(node, state.containerID, sidecar, local, dependencies, signal)
  if (ended.wait) return { plan, ...waitForSidecar(ended.wait, state, dependencies.clock.now()) }
  // An adopted volume whose node never caught up still needs what state sync was set up with; one that was filled from a
  // snapshot has a state.
  const isSyncing =
    plan.adoptedFrom !== undefined && plan.adoptedFrom !== plan.volumeUID && plan.caughtUpAt === undefined
  const isFull = !isSyncing || isRewrite(plan, state.containerID)
  const mode = isFull ? 'full' : 'incremental'
  const run = await runNodePlan(
    { node, plan, mode, sidecar, cursor: local.cursor, findReadyBlock },
    dependencies,
    signal,
  )
  const now = dependencies.clock.now()
  if (run.wait) {
    const isFurther = completedCount(run.plan) > completedCount(plan)
    return { plan: run.plan, ...waitForSidecar(run.wait, state, now, isFurther) }
  }
  const rewrite = snapshotOf(node.spec) ? undefined : rewritePlan(run.plan, state.containerID)
  if (rewrite) return { plan: rewrite, sidecar: { kind: 'bootstrapping' }, requeue: { requeueAfterMs: 0 } }
  if (run.plan.phase !== 'Complete') return { plan: run.plan, sidecar: { kind: 'bootstrapping' } }
  local.ready = { containerID: state.containerID, at: now }
  return {
    plan: { ...run.plan, snapshotHash: snapshotHash(node.spec) },
    sidecar: { kind: 'released' },
    appliedConfig: appliedConfigOf(run.plan),
    requeue: { requeueAfterMs: RELEASE_CHECK_MS },
  }
}

async function maintain(
  visit: Visit,
  state: RunningSidecar,
  sidecar: SidecarClient,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Partial<SidecarSync> & Pick<SidecarSync, 'sidecar'>> {
  const { node, plan, pod, local, config, change, findReadyBlock } = visit
  // seid must not start on a configuration that is about to change.
  const isUpdatedFirst = config.isDue && change?.kind === 'restarting' && !seidState(pod).running
  if (isUpdatedFirst) return updateBeforeStart(visit, state, sidecar, dependencies, signal)
  // seid runs already where the kubelet was told: what that means for its key is evaluated elsewhere.
  const block = state.started ? undefined : await findReadyBlock()
  if (block !== undefined) {
    return { sidecar: { kind: 'bootstrapping', block }, requeue: { backoffMaxMs: SLOWEST_HOLD_MS } }
  }
  const readiness = await keepReady(plan, state, sidecar, local, dependencies, signal)
  if (readiness.sidecar.kind !== 'ready') return readiness
  const ended = await endUnwantedWork(node, state.containerID, sidecar, local, dependencies, signal)
  if (ended.wait) return waitForSidecar(ended.wait, state, dependencies.clock.now())
  const update = await updateOf(visit, state, sidecar, dependencies, signal)
  // Nothing else runs beside an update, unless the update itself has to wait for long.
  const isIdle = !update || update.updateWait !== undefined || update.peersUnresolved !== undefined
  const recurring = isIdle ? await runRecurring(node, sidecar, dependencies, signal) : undefined
  return {
    ...readiness,
    ...update,
    ...(recurring ? { recurring } : {}),
    requeue: [ended.requeue, update?.requeue, recurring?.requeue].reduce(soonest, readiness.requeue),
  }
}

/** The sidecar is marked ready once the configuration is on the volume. */
async function updateBeforeStart(
  visit: Visit,
  state: RunningSidecar,
  sidecar: SidecarClient,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Partial<SidecarSync> & Pick<SidecarSync, 'sidecar'>> {
  const update = await updateOf(visit, state, sidecar, dependencies, signal)
  return { sidecar: { kind: 'bootstrapping' }, ...update }
}

async function updateOf(
  { node, updatePlan, pod, local, config }: Visit,
  state: RunningSidecar,
  sidecar: SidecarClient,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Update | undefined> {
  if (updatePlan?.phase !== 'Active' || !isIdentified(updatePlan)) return undefined
  const input = { node, plan: updatePlan, sidecar, cursor: local.cursor }
  return runUpdate(input, config, pod, state, dependencies, signal)
}

/** What status has of the recurring tasks that the spec still asks for. */
export function storedRecurring(
  node: Readonly<SeiNode>,
  { platform }: Pick<NodeDependencies, 'platform'>,
): RecurringFindings {
  const wanted = recurringTasks(node, platform)
  const types = new Set<string>(wanted.map(({ type }) => type))
  const tasks: readonly RecurringTask[] = node.status?.recurringTasks ?? []
  return { wanted: wanted.length, tasks: tasks.filter(({ type }) => types.has(type)), ...scheduleProblems(wanted) }
}
