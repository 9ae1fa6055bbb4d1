/** One reconcile of one SeiNode, from what is there to what its spec says: `reconcileNode`. Reads as a table of contents. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NodeRollout, TaskPlan } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { holdsPod, isSpecEdited } from '../../build/statefulset.ts'
import { stableHash } from '../../lib/stable-hash.ts'
import { isSubset } from '../../lib/subset.ts'
import { currentInitPlan, type IdentifiedPlan, type InitPlanChange } from '../../plan/init-plan.ts'
import { currentTask } from '../../plan/task-plan.ts'
import { type CurrentUpdatePlan, currentUpdatePlan } from '../../plan/update-plan.ts'
import { wantedConfig } from '../../plan/wanted-config.ts'
import { keptState } from './adopted-volume.ts'
import { type Again, soonest } from '../shared/again.ts'
import { attendSidecar, type Attended, storedRecurring } from './attend-sidecar.ts'
import {
  applyVolume,
  applyWorkload,
  type Children,
  desiredTemplate,
  heldChildren,
  presentChildren,
} from './children.ts'
import { type ConfigState, configState } from './config-state.ts'
import { dataVolumeKey, disownVolume } from './data-volume.ts'
import type { NodeDependencies } from './dependencies.ts'
import { finalizeNode } from './finalize.ts'
import type { NodeMemories, NodeMemory } from './memory.ts'
import { hasRolledOut, isObserved } from '../shared/current-pod.ts'
import { groupOf, poolOf } from '../shared/rollout-gate.ts'
import { nextLook } from './next-look.ts'
import { observeSpecFacts, podOf } from './observe.ts'
import { pausedRound } from './paused-round.ts'
import { unaskedSidecar } from '../shared/pod-state.ts'
import { type PodChange, podChange, rolloutOf, SIDECAR_SILENT_MS } from './pod-change.ts'
import { proveChange, type Proof } from './proof.ts'
import { replacePod } from './replace-pod.ts'
import { report } from './report.ts'
import { type RolloutState, rolloutState } from './rollout.ts'
import type { Round } from './round.ts'
import { type SpecVerdict, validateNode } from './validate.ts'
import { nodeWriter } from './write-node.ts'

/** @returns when to reconcile again; undefined where a watch event will tell */
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
  const facts = await observeSpecFacts(node, memories, dependencies, signal)
  const spec = validateNode(node, facts)
  if (!spec.blocks) memory.volume = dataVolumeKey(node)
  const volume = spec.blocks
    ? heldChildren(node, spec, facts.prepared, dependencies)
    : await applyVolume(node, facts.prepared, memory.verified, dependencies, signal)
  const planned = await currentInit({ node, spec, children: volume }, memory, dependencies, signal)
  const changing = await currentChange(planned, memory, dependencies, signal)
  const observed = await withWorkload(changing, memory, dependencies, signal)
  const attended = await attend(changing, observed, memory, dependencies, signal)
  const round = { ...observed, ...attended, silentSince: memory.silentSince, now: dependencies.clock.now() }
  const written = await report(round, 'none', dependencies, signal)
  passTurn(node, written, dependencies)
  return [nextLook(round, observed.now), changing.proof.again].reduce(soonest, attended.again)
}

/** The one thing that a pause does not hold back: a volume that is to be kept must not go with its owner. */
async function keepVolume(node: Readonly<SeiNode>, dependencies: NodeDependencies, signal: AbortSignal): Promise<void> {
  const claim = dependencies.stores.dataVolumes.get(dataVolumeKey(node))
  if (claim && node.spec.storage?.retainOnDelete === true) await disownVolume(claim, node, dependencies, signal)
}

interface Begun {
  /** As in status: plans that changed have been written. */
  readonly node: Readonly<SeiNode>
  readonly spec: SpecVerdict
  readonly children: Children
}

interface Planned extends Begun {
  readonly init: IdentifiedPlan | undefined
}

interface Changing extends Planned {
  readonly change: PodChange
  readonly rollout: NodeRollout | undefined
  readonly config: ConfigState
  readonly proof: Proof
  readonly update: IdentifiedPlan | undefined
}

/** The bootstrap plan that holds now, in status before any of its tasks is sent: the ids of tasks derive from the plan's. */
async function currentInit(
  begun: Begun,
  memory: NodeMemory,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Planned> {
  const { node, children } = begun
  const volume = children.dataVolume
  const volumeUID = volume?.metadata?.uid
  if (volumeUID === undefined) return { ...begun, init: undefined }
  const { initPlan } = node.status ?? {}
  const context = {
    volumeUID,
    adopted: node.spec.genesis?.pvc ? undefined : keptState(volume),
    config: wantedConfig(node, dependencies.platform),
    mayBeInFlight: mayBeInFlight(initPlan, memory),
  }
  const init = currentInitPlan(node, context, dependencies.newID)
  if (init.change === 'none') return { ...begun, init: init.plan }
  const round = { ...roundOf(begun, dependencies), plan: init.plan }
  const written = await report(round, init.change, dependencies, signal)
  if (isUnsent(init.change)) noteUnsent(init.plan, memory)
  return { ...begun, node: written, init: init.plan }
}

/** What is due for the pod and the configuration, with the update plan in status before any of its tasks is sent. */
async function currentChange(
  planned: Planned,
  memory: NodeMemory,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Changing> {
  const { node, spec, init } = planned
  const { gate, platform } = dependencies
  const present = presentChildren(node, dependencies)
  const { statefulSet: live } = present
  const pod = podOf(node, live, dependencies)
  const config = configState(node, pod, platform)
  const template = desiredTemplate(node, config.pod, live, dependencies)
  const proof = await proveChange(node, live, pod, dependencies, signal)
  const change = podChange({
    live,
    pod,
    isTemplateChanged: live !== undefined && !isSubset({ spec: { template } }, live),
    isSpecEdited: live !== undefined && isSpecEdited(node, live),
    isConfigDue: config.isDue,
    updatePhase: node.status?.updatePlan?.phase,
    stored: node.status?.rollout,
    hasTurn: gate.hasTurn(node),
    isSidecarSilent: pod !== undefined && isSilent(memory, dependencies) && !isSubset({ spec: template?.spec }, pod),
    isProven: proof.isProven,
  })
  const rollout = rolloutOf(change, node, stableHash([template, config.wanted.hash]), dependencies, groupOf(node))
  const changing: Changing = { ...planned, change, rollout, config, proof, update: undefined }
  const update =
    init?.phase === 'Complete' && config.isDue ? updatePlanOf(changing, init, pod, memory, dependencies) : undefined
  if (!update || update.change === 'none') return { ...changing, update: update?.plan }
  const round = {
    ...roundOf({ node, spec, children: { ...planned.children, ...present } }, dependencies),
    change,
    rolloutStatus: rollout,
  }
  const written = await report({ ...round, updatePlan: update.plan }, 'none', dependencies, signal)
  if (update.plan) noteUnsent(update.plan, memory)
  return { ...changing, node: written, config: configState(written, pod, platform), update: update.plan }
}

function updatePlanOf(
  { node, config, change }: Changing,
  { volumeUID = '' }: IdentifiedPlan,
  pod: Readonly<Pod> | undefined,
  memory: NodeMemory,
  { newID }: NodeDependencies,
): CurrentUpdatePlan {
  const context = {
    volumeUID,
    config: config.wanted,
    mayBeInFlight: mayBeInFlight(node.status?.updatePlan, memory),
    resetsStateSync: config.resetsStateSync,
    podCreatedAt: change.kind === 'restarting' ? pod?.metadata?.creationTimestamp : undefined,
  }
  return currentUpdatePlan(node, context, newID)
}

function isSilent({ silentSince }: NodeMemory, { clock }: Pick<NodeDependencies, 'clock'>): boolean {
  return silentSince !== undefined && clock.now() - silentSince >= SIDECAR_SILENT_MS
}

/** The reconcile up to the node's objects: the sidecar is not yet asked. */
async function withWorkload(
  changing: Changing,
  memory: NodeMemory,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Round> {
  const { node, spec, children: volume, change, rollout: rolloutStatus, config } = changing
  const isMade = !spec.blocks && volume.dataVolume !== undefined
  const workload = isMade
    ? await applyWorkload(
        node,
        config.pod,
        isHeldBack(change, node, dependencies),
        memory.verified,
        dependencies,
        signal,
      )
    : {}
  const children = { ...volume, ...workload, ...firstProblem(volume, workload) }
  const now = dependencies.clock.now()
  const pod = podOf(node, children.statefulSet, dependencies)
  const rollout = children.statefulSet && rolloutState(children.statefulSet, pod, now)
  if (pod && isLeaving(rollout)) await replacePod(node, pod, rollout.kind, dependencies, signal)
  // Its controller takes its time where it has many to make: until it has tried, the pod is not missing.
  const isMissing = !pod && children.statefulSet !== undefined && isObserved(children.statefulSet)
  memory.podMissingSince = isMissing ? (memory.podMissingSince ?? now) : undefined
  return {
    ...roundOf({ node, spec, children }, dependencies),
    pod,
    rollout,
    plan: changing.init ?? node.status?.initPlan,
    updatePlan: changing.update ?? node.status?.updatePlan,
    sidecar: unaskedSidecar(pod),
    podMissingSince: memory.podMissingSince,
    change,
    rolloutStatus,
    now,
  }
}

/** Between changes the pod is held back too, so that an edit of the StatefulSet by hand restarts nothing. */
function isHeldBack(change: PodChange, node: Readonly<SeiNode>, dependencies: NodeDependencies): boolean {
  if (change.kind === 'restarting') return false
  const { statefulSet: live } = presentChildren(node, dependencies)
  if (!live || holdsPod(live)) return true
  // Once it lets the pod change, it does so until the pod is ready with the change, and seen to work.
  return change.kind !== 'proving' && isObserved(live) && hasRolledOut(live)
}

function firstProblem(...parts: readonly Pick<Children, 'problem'>[]): Pick<Children, 'problem'> {
  const problem = parts.find(part => part.problem !== undefined)?.problem
  return problem ? { problem } : {}
}

/** A round in which nothing was found out beyond the objects of the node. */
function roundOf({ node, spec, children }: Begun, dependencies: NodeDependencies): Round {
  const pod = podOf(node, children.statefulSet, dependencies)
  return {
    node,
    spec,
    children,
    pod,
    rollout: undefined,
    plan: node.status?.initPlan,
    updatePlan: node.status?.updatePlan,
    recurring: storedRecurring(node, dependencies),
    sidecar: unaskedSidecar(pod),
    podMissingSince: undefined,
    now: dependencies.clock.now(),
  }
}

/** The pod is being replaced by us: nothing more is asked of it. */
function isLeaving(rollout: RolloutState | undefined): rollout is Extract<RolloutState, { kind: 'wedged' | 'stuck' }> {
  return rollout?.kind === 'wedged' || rollout?.kind === 'stuck'
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
  { init, config }: Changing,
  round: Round,
  memory: NodeMemory,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Attended> {
  const { node, pod, recurring, rollout, sidecar, plan, updatePlan, change } = round
  // A pod that is about to go starts no seid, and gets no task.
  const isGoing = isLeaving(rollout) || (change?.kind === 'restarting' && rollout?.kind !== 'current')
  if (!init || isGoing) return { plan, updatePlan, recurring, sidecar }
  const attended = await attendSidecar(
    { node, plan: init, updatePlan, config, change, pod, memory },
    dependencies,
    signal,
  )
  const isUnanswered = change?.kind === 'configuring' && attended.sidecar.kind === 'unreachable'
  memory.silentSince = isUnanswered ? (memory.silentSince ?? dependencies.clock.now()) : undefined
  return attended
}

/** Whoever waits for this node, or for a turn that is free, goes on. */
function passTurn(before: Readonly<SeiNode>, after: Readonly<SeiNode>, { gate }: NodeDependencies): void {
  const [was, is] = [before.status?.rollout?.phase, after.status?.rollout?.phase]
  if (is !== 'Waiting') gate.recorded(after)
  if (poolOf(after) === undefined && (is === 'Waiting' || (was === 'Underway' && is === undefined)))
    gate.advance(groupOf(after))
}
