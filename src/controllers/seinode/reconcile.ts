/** One round for one SeiNode, from what is there to what its spec says: `reconcileNode`. Reads as a table of contents. */
import type { TaskPlan } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { currentInitPlan, type IdentifiedPlan, type InitPlanChange, type PlanContext } from '../../plan/init-plan.ts'
import { wantedConfig } from '../../plan/wanted-config.ts'
import { currentTask } from '../../plan/task-plan.ts'
import { currentUpdatePlan } from '../../plan/update-plan.ts'
import { keptState } from './adopted-volume.ts'
import { type Again, soonest } from '../shared/again.ts'
import { attendSidecar, type Attended, storedRecurring } from './attend-sidecar.ts'
import { applyChildren, heldChildren, presentChildren } from './children.ts'
import { dataVolumeKey, disownVolume } from './data-volume.ts'
import { holdsForWork } from './end-unwanted-work.ts'
import type { NodeDependencies } from './dependencies.ts'
import { finalizeNode } from './finalize.ts'
import type { NodeMemories, NodeMemory } from './memory.ts'
import { isObserved } from '../shared/current-pod.ts'
import { nextLook } from './next-look.ts'
import { observeSpecFacts, podOf } from './observe.ts'
import { pausedRound } from './paused-round.ts'
import { unaskedSidecar } from './pod-state.ts'
import { awaitsTurn, poolOf } from './pool-turn.ts'
import { replacePod } from './replace-pod.ts'
import { report } from './report.ts'
import { type RolloutState, rolloutState } from './rollout.ts'
import type { Round } from './round.ts'
import { holdsTemplate } from './template-hold.ts'
import { validateNode } from './validate.ts'
import { nodeWriter } from './write-node.ts'

/** @returns when to look again; undefined where a change will tell */
export async function reconcileNode(
  key: string,
  memories: NodeMemories,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Again | undefined> {
  const stored = dependencies.stores.nodes.get(key)
  if (!stored || stored.metadata.deletionTimestamp !== undefined) memories.forget(key)
  if (!stored) return undefined
  if (stored.metadata.deletionTimestamp !== undefined) {
    return finalizeNode(stored, dependencies, signal)
  }
  const node = await nodeWriter(dependencies).ensureFinalizer(stored, signal)
  if (node.spec.paused) {
    await keepVolume(node, dependencies, signal)
    await report(pausedRound(node, dependencies), 'none', dependencies, signal)
    return undefined
  }
  const memory = memories.of(key, node.metadata.uid ?? '')
  const look = await lookAfterChildren(node, memory, memories, dependencies, signal)
  const plans = await currentPlans(look, memory, dependencies, signal)
  const attended = await attend(look, plans, memory, dependencies, signal)
  const round = { ...look, node: plans.node, ...attended, now: dependencies.clock.now() }
  await report(round, 'none', dependencies, signal)
  return soonest(attended.again, nextLook(round, look.now))
}

/** The one thing that a pause does not hold back: a volume that is to be kept must not go with its owner. */
async function keepVolume(node: Readonly<SeiNode>, dependencies: NodeDependencies, signal: AbortSignal): Promise<void> {
  const claim = dependencies.stores.dataVolumes.get(dataVolumeKey(node))
  if (claim && node.spec.storage?.retainOnDelete === true) await disownVolume(claim, node, dependencies, signal)
}

/** A round up to its children: the plans are as status has them, and the sidecar was not asked. */
async function lookAfterChildren(
  node: Readonly<SeiNode>,
  memory: NodeMemory,
  memories: NodeMemories,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Round> {
  const facts = await observeSpecFacts(node, memories, dependencies, signal)
  const now = dependencies.clock.now()
  const spec = validateNode(node, facts)
  if (!spec.blocks) memory.volume = dataVolumeKey(node)
  const runs = podOf(node, presentChildren(node, dependencies).statefulSet, dependencies)
  const isTurnAwaited = awaitsTurn(node, dependencies.templateRevision)
  const isWorkDue = holdsForWork(node, runs, memory, dependencies, now)
  const holdTemplate = holdsTemplate(node, runs, memory, now) || isTurnAwaited || isWorkDue
  const children = spec.blocks
    ? heldChildren(node, spec, facts.prepared, dependencies)
    : await applyChildren(
        node,
        facts.prepared,
        holdTemplate,
        memory.verified,
        memory.hasStrayUpload === true,
        dependencies,
        signal,
      )
  if (!children.isTemplateHeld) memory.workHeldSince = undefined
  const pod = podOf(node, children.statefulSet, dependencies)
  const rollout = children.statefulSet && rolloutState(children.statefulSet, pod, now)
  if (pod && isLeaving(rollout)) await replacePod(node, pod, rollout.kind, dependencies, signal)
  // Its controller takes its time where it has many to make: until it has tried, the pod is not missing.
  const isMissing = !pod && children.statefulSet !== undefined && isObserved(children.statefulSet)
  memory.podMissingSince = isMissing ? (memory.podMissingSince ?? now) : undefined
  return {
    node,
    spec,
    children,
    pod,
    rollout,
    plan: node.status?.initPlan,
    updatePlan: node.status?.updatePlan,
    recurring: storedRecurring(node, dependencies),
    sidecar: unaskedSidecar(pod),
    podMissingSince: memory.podMissingSince,
    templateHeldSince: memory.templateHeldSince,
    isWorkAwaited: memory.workHeldSince !== undefined,
    turnAwaitedFrom: isTurnAwaited && children.isTemplateHeld ? poolOf(node) : undefined,
    now,
  }
}

/** The pod is being replaced by us: nothing more is asked of it. */
function isLeaving(rollout: RolloutState | undefined): rollout is Extract<RolloutState, { kind: 'wedged' | 'stuck' }> {
  return rollout?.kind === 'wedged' || rollout?.kind === 'stuck'
}

interface CurrentPlans {
  /** As in status: plans that changed have been written. */
  readonly node: Readonly<SeiNode>
  readonly init: IdentifiedPlan | undefined
  readonly update: IdentifiedPlan | undefined
}

/** The plans that hold now, in status before any of their tasks is sent: the ids of tasks derive from theirs. */
async function currentPlans(
  look: Round,
  memory: NodeMemory,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<CurrentPlans> {
  const { node, children } = look
  const volume = children.dataVolume
  const volumeUID = volume?.metadata?.uid
  if (volumeUID === undefined) return { node, init: undefined, update: undefined }
  const { newID } = dependencies
  const context = (plan: TaskPlan | undefined): PlanContext => ({
    volumeUID,
    adopted: node.spec.genesis?.pvc ? undefined : keptState(volume),
    config: wantedConfig(node, dependencies.platform),
    mayBeInFlight: mayBeInFlight(plan, memory),
  })
  const init = currentInitPlan(node, context(node.status?.initPlan), newID)
  if (init.change !== 'none') {
    const written = await report({ ...look, plan: init.plan }, init.change, dependencies, signal)
    if (isUnsent(init.change)) noteUnsent(init.plan, memory)
    return { node: written, init: init.plan, update: undefined }
  }
  const update =
    init.plan.phase === 'Complete' ? currentUpdatePlan(node, context(node.status?.updatePlan), newID) : undefined
  if (!update || update.change === 'none') return { node, init: init.plan, update: update?.plan }
  const written = await report({ ...look, updatePlan: update.plan }, 'none', dependencies, signal)
  if (update.plan) noteUnsent(update.plan, memory)
  return { node: written, init: init.plan, update: update.plan }
}

// Nobody can have sent a task whose id has only now become derivable.
function isUnsent(change: InitPlanChange): boolean {
  return change === 'created' || change === 'adopted' || change === 'volume-replaced' || change === 'retried'
}

// Sent, and the answer or the status that tells of it was lost, or another process knows: the runner finds out.
function mayBeInFlight(plan: TaskPlan | undefined, { cursor }: NodeMemory): boolean {
  const current = plan && currentTask(plan)
  return plan?.id !== undefined && current !== undefined && !cursor.isUnsent(plan.id, current.index, current.attempt)
}

function noteUnsent(plan: IdentifiedPlan, { cursor }: NodeMemory): void {
  const first = currentTask(plan)
  if (first) cursor.markUnsent(plan.id, first.index, first.attempt)
}

async function attend(
  look: Round,
  { node, init, update }: CurrentPlans,
  memory: NodeMemory,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Attended> {
  const { pod, recurring, rollout, sidecar } = look
  const { initPlan, updatePlan: last } = node.status ?? {}
  const updatePlan = update ?? last
  if (!init || isLeaving(rollout)) return { plan: init ?? initPlan, updatePlan, recurring, sidecar }
  return attendSidecar({ node, plan: init, updatePlan, pod, memory }, dependencies, signal)
}
