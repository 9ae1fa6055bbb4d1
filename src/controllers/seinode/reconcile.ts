/** One reconcile of one SeiNode, from what is there to what its spec says: `reconcileNode`. Reads as a table of contents. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { isPodPinned } from '../../build/statefulset.ts'
import { volumeBlock } from '../../plan/volume-block.ts'
import { type Requeue, soonest } from '../shared/requeue.ts'
import { isTerminating } from '../shared/deletion.ts'
import { StepFailures } from '../shared/failures.ts'
import { ownershipOf } from '../shared/children/ownership.ts'
import { hasRolledOut, isObserved, unaskedSidecar } from '../shared/pods/pod-state.ts'
import { groupOf, poolOf } from '../shared/rollout-gate.ts'
import { rewrittenMessage } from '../shared/children/verified-children.ts'
import { type SidecarSync, syncSidecar } from './sidecar/sync-sidecar.ts'
import { initialObservation, type Begun, pausedObservation } from './initial-observation.ts'
import {
  applyVolume,
  applyWorkload,
  type Children,
  blockedChildren,
  presentChildren,
  stopNode,
} from './children/children.ts'
import {
  type Changing,
  currentChange,
  currentInit,
  mayReplace,
  noteNewPlans,
  type Planned,
  unplanned,
} from './sidecar/current-plans.ts'
import { dataVolumeKey, disownVolume, rescueRestored } from './children/data-volume.ts'
import type { NodeDependencies } from './dependencies.ts'
import { finalizeNode } from './finalize.ts'
import { type CheckedKey, checkKey } from './keys/check-key.ts'
import { isStopped, uncheckedKey, requeueForKey } from './keys/finding.ts'
import { releaseEndedPod } from './keys/pod-end.ts'
import { readyBlock } from './keys/reservation.ts'
import type { NodeLocalStates, NodeLocalState } from './local-state.ts'
import { applyNetworkPolicy } from './children/network-policy.ts'
import { nextRequeue, requeueToMark } from './requeue.ts'
import { observeSpecFacts, podOf, podWarning } from './observe/observe.ts'
import { nodeWriter, volumeOwner } from './owner.ts'
import { isReplaceReason, replacePod, type ReplaceReason, unfitPod } from './children/replace-pod.ts'
import { buildStatus, reportStatus } from './status.ts'
import { type RolloutState, rolloutState } from './observe/pod-revision.ts'
import type { Observation } from './observation.ts'
import { type SpecFacts, type SpecEvaluation, validateNode } from './observe/validate.ts'

/** @returns when to reconcile again; undefined if a watch event triggers the next reconcile */
export async function reconcileNode(
  key: string,
  localStates: NodeLocalStates,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Requeue | undefined> {
  const stored = dependencies.stores.nodes.get(key)
  if (!stored || stored.metadata.deletionTimestamp !== undefined) localStates.forget(key)
  await releaseEndedPod(key, dependencies, signal)
  if (!stored) return undefined
  if (stored.metadata.deletionTimestamp !== undefined) {
    return finalizeNode(stored, dependencies, signal)
  }
  const ensured = await nodeWriter(dependencies).ensureFinalizer(stored, signal)
  if (ensured.spec.paused) {
    await rescueRestored(ensured, dependencies, signal)
    await keepVolume(ensured, dependencies, signal)
    await reportStatus(ensured, buildStatus(pausedObservation(ensured, dependencies)), 'none', dependencies, signal)
    return undefined
  }
  const local = localStates.of(key, ensured.metadata.uid ?? '')
  const failures = new StepFailures(signal)
  const begunAt = dependencies.clock.now()
  await failures.run(
    'taking a restored claim from an owner that is gone',
    () => rescueRestored(ensured, dependencies, signal),
    () => undefined,
  )
  const { statefulSet } = presentChildren(stored, dependencies)
  const pod = podOf(stored, statefulSet, dependencies)
  const facts = { ...(await observeSpecFacts(stored, localStates, dependencies, signal)), pod }
  const claim = facts.prepared ?? facts.own
  const { node, key: signingKey } = await failures.run<CheckedKey>(
    'checking the signing key',
    () => checkKey({ node: ensured, pod, statefulSet, claim }, dependencies, signal),
    () => ({ node: ensured, key: uncheckedKey(statefulSet) }),
  )
  const asked = await failures.run('checking the spec', () => validateNode(node, facts), unchecked)
  if (!asked.blocks) local.volume = dataVolumeKey(node)
  const block = asked.blocks ? undefined : volumeBlock(node, claim)
  const found = { claim, isLeftAlone: facts.prepared !== undefined || block?.kind === 'replaced' }
  // A pod that is made now would mount it.
  const isOthers = block?.kind === 'replaced' && isForeign(node, claim)
  const children = await failures.run<Children>(
    "making the node's volume",
    () =>
      asked.blocks || block?.kind === 'gone' || block?.kind === 'found' || isOthers
        ? blockedChildren(node, dependencies)
        : applyVolume(node, pod, found, local.verified, dependencies, signal),
    () => presentChildren(node, dependencies),
  )
  // What the node did not get may be another's, who waits for nobody then.
  if (!children.dataVolume) local.volume = undefined
  const spec = await failures.run('checking the spec', () => afterApply(node, asked, facts, children), unchecked)
  const begun: Begun = { node, key: signingKey, spec, children, volumeBlock: block }
  const planned = await failures.run<Planned>(
    'planning',
    () => currentInit(begun, local, dependencies),
    () => unplanned(begun),
  )
  const changing = await failures.run<Changing | undefined>(
    'planning the change of the pod',
    () => currentChange(planned, local, dependencies, signal),
    () => undefined,
  )
  const observed = await failures.run<Observation>(
    "making the node's objects",
    () =>
      isUpdateNew(changing)
        ? awaitingUpdate(changing, dependencies)
        : withWorkload(changing ?? planned, local, dependencies, signal),
    () => unmade(planned, dependencies),
  )
  const isPlanNew = planned.initChange !== 'none' || isUpdateNew(changing)
  const synced = await failures.run<Partial<SidecarSync>>(
    'looking after the sidecar',
    () => (changing && !isPlanNew ? syncWithSidecar(changing, observed, local, dependencies, signal) : {}),
    () => ({}),
  )
  const warning = await failures.run(
    'reading the events of the pod',
    () => podWarning(observed.pod, local, dependencies, signal),
    () => undefined,
  )
  const observation: Observation = {
    ...observed,
    ...synced,
    podWarning: warning,
    silentSince: local.silentSince,
    failure: failures.failure,
    rewritten: rewrittenMessage(local.verified.rewritten),
    now: dependencies.clock.now(),
  }
  const written = await reportStatus(node, buildStatus(observation), planned.initChange, dependencies, signal)
  noteNewPlans(changing ?? planned, local)
  failures.throwFirst()
  advanceRollout(node, written, dependencies)
  const requeues = [nextRequeue(observation, observed.now), requeueToMark(node, written, begunAt)]
  const requeueForPlan = isPlanNew && observation.sidecar.kind !== 'absent' ? { requeueAfterMs: 0 } : undefined
  return [...requeues, changing?.proof.requeue, requeueForKey(signingKey), requeueForPlan].reduce(
    soonest,
    synced.requeue,
  )
}

/** The one thing that a pause does not hold back: a volume that is to be kept must not go with its owner. */
async function keepVolume(node: Readonly<SeiNode>, dependencies: NodeDependencies, signal: AbortSignal): Promise<void> {
  const claim = dependencies.stores.dataVolumes.get(dataVolumeKey(node))
  if (claim && node.spec.storage?.retainOnDelete === true) await disownVolume(claim, node, dependencies, signal)
}

/** The reconcile up to the node's objects: the sidecar is not yet asked. */
async function withWorkload(
  changing: Changing | Planned,
  local: NodeLocalState,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Observation> {
  if (!('change' in changing)) return unmade(changing, dependencies)
  const { node, key, spec, children: volume, change, rollout: rolloutStatus, config, signs } = changing
  const isMade = !spec.blocks && volume.dataVolume !== undefined
  const isPinned = staysPinned(changing, dependencies)
  const state = { ...signs, pod: config.pod, isPinned, isStopped: isStopped(key) }
  const hasPod = isMade || presentChildren(node, dependencies).statefulSet !== undefined
  const [workload, problem] = await Promise.all([
    isMade ? applyWorkload(node, state, local.verified, dependencies, signal) : {},
    hasPod ? applyNetworkPolicy(node, local.verified, dependencies, signal) : undefined,
  ])
  const children = { ...volume, ...workload, ...firstProblem(volume, workload, problem ? { problem } : {}) }
  const { statefulSet } = children
  if (!isMade && statefulSet && isStopped(key)) await stopNode(statefulSet, dependencies, signal)
  const now = dependencies.clock.now()
  const pod = podOf(node, statefulSet, dependencies)
  const mayGo = mayReplace(changing, pod, dependencies)
  const unfit = pod && unfitPod(pod, children.dataVolume, changing.init)
  const rollout = statefulSet && (unfit ?? rolloutState(statefulSet, pod, now, mayGo))
  const isDue = mayGo && (unfit?.kind !== 'interrupted' || unfit.dueAt <= now)
  if (pod && isBeingReplaced(rollout) && isDue && !isTerminating(pod)) {
    await replacePod(node, pod, rollout.kind, dependencies, signal)
  }
  // Its controller takes its time where it has many to make: until it has tried, the pod is not missing.
  const isMissing = !pod && !isStopped(key) && statefulSet !== undefined && isObserved(statefulSet)
  local.podMissingSince = isMissing ? (local.podMissingSince ?? now) : undefined
  return {
    ...initialObservation({ ...changing, children }, dependencies),
    pod,
    rollout,
    plan: changing.init ?? node.status?.initPlan,
    updatePlan: changing.update ?? node.status?.updatePlan,
    sidecar: unaskedSidecar(pod),
    podMissingSince: local.podMissingSince,
    change,
    isWorkAwaited: local.workAwaitedSince !== undefined,
    rolloutStatus,
    now,
  }
}

function isUpdateNew(changing: Changing | undefined): changing is Changing {
  return changing !== undefined && changing.updateChange !== 'none'
}

/** A new update plan is in status before the pod template names it: another one in its place would restart the pod twice. */
function awaitingUpdate(changing: Changing, dependencies: NodeDependencies): Observation {
  const { update: updatePlan, change, rollout: rolloutStatus } = changing
  return { ...unmade(changing, dependencies), updatePlan, change, rolloutStatus }
}

/** With the objects as they stand. */
function unmade(planned: Planned, dependencies: NodeDependencies): Observation {
  const children = { ...presentChildren(planned.node, dependencies), ...planned.children }
  return initialObservation({ ...planned, children }, dependencies)
}

/** What became of the size is known once it was asked for. */
function afterApply(node: Readonly<SeiNode>, asked: SpecEvaluation, facts: SpecFacts, found: Children): SpecEvaluation {
  if (asked.blocks || asked.reason === 'CheckFailed') return asked
  const own = facts.own && (found.dataVolume ?? facts.own)
  return validateNode(node, { ...facts, own, sizeRefusal: found.sizeRefusal })
}

function isForeign(node: Readonly<SeiNode>, claim: Readonly<PersistentVolumeClaim> | undefined): boolean {
  if (node.spec.genesis?.pvc) return false
  return claim !== undefined && ownershipOf(claim, volumeOwner(node, undefined)).kind === 'foreign'
}

function unchecked({ message }: Error): SpecEvaluation {
  return { reason: 'CheckFailed', message: `the spec could not be checked: ${message}`, blocks: false }
}

/** Between changes the pod stays pinned too, so that an edit of the StatefulSet by hand restarts nothing. */
function staysPinned({ node, change }: Changing, dependencies: NodeDependencies): boolean {
  if (change.kind === 'restarting') return false
  if (change.kind === 'kept') return true
  const { statefulSet: live } = presentChildren(node, dependencies)
  if (!live || isPodPinned(live)) return true
  // Once it lets the pod change, it does so until the pod is ready with the change, and seen to work.
  return change.kind !== 'proving' && isObserved(live) && hasRolledOut(live)
}

function firstProblem(...parts: readonly Pick<Children, 'problem'>[]): Pick<Children, 'problem'> {
  const problem = parts.find(part => part.problem !== undefined)?.problem
  return problem ? { problem } : {}
}

/** The pod is to be replaced by us: nothing more is asked of it. */
function isBeingReplaced(rollout: RolloutState | undefined): rollout is Extract<RolloutState, { kind: ReplaceReason }> {
  return rollout !== undefined && isReplaceReason(rollout.kind)
}

async function syncWithSidecar(
  { init, config, key }: Changing,
  observation: Observation,
  local: NodeLocalState,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<SidecarSync> {
  const { node, pod, recurring, rollout, sidecar, plan, updatePlan, change } = observation
  // A pod that is about to go starts no seid, and gets no task.
  const isGoing = isBeingReplaced(rollout) || (change?.kind === 'restarting' && rollout?.kind !== 'current')
  if (!init || isGoing) return { plan, updatePlan, recurring, sidecar }
  const findReadyBlock = () => readyBlock(node, key, pod, dependencies, signal)
  const synced = await syncSidecar(
    { node, plan: init, updatePlan, config, change, pod, local, findReadyBlock },
    dependencies,
    signal,
  )
  const isUnanswered = change?.kind === 'configuring' && synced.sidecar.kind === 'unreachable'
  local.silentSince = isUnanswered ? (local.silentSince ?? dependencies.clock.now()) : undefined
  return synced
}

/** Whoever waits for this node, or for a turn that is free, goes on. */
function advanceRollout(before: Readonly<SeiNode>, after: Readonly<SeiNode>, { gate }: NodeDependencies): void {
  const [was, is] = [before.status?.rollout?.phase, after.status?.rollout?.phase]
  if (is !== 'Waiting') gate.recorded(after)
  if (poolOf(after) === undefined && (is === 'Waiting' || (was === 'Underway' && is === undefined)))
    gate.advance(groupOf(after))
}
