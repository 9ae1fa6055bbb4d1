/** One reconcile of one SeiNode, from what is there to what its spec says: `reconcileNode`. Reads as a table of contents. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { holdsPod } from '../../build/statefulset.ts'
import { volumeHold } from '../../plan/volume-hold.ts'
import { type Again, soonest } from '../shared/requeue.ts'
import { isTerminating } from '../shared/deletion.ts'
import { StepFailures } from '../shared/failures.ts'
import { ownershipOf } from '../shared/children/ownership.ts'
import { hasRolledOut, isObserved, unaskedSidecar } from '../shared/pods/pod-state.ts'
import { groupOf, poolOf } from '../shared/rollout-gate.ts'
import { rewrittenMessage } from '../shared/children/verified-children.ts'
import { type Attended, attendSidecar } from './sidecar/sync-sidecar.ts'
import { bareRound, type Begun, pausedRound } from './initial-observation.ts'
import {
  applyVolume,
  applyWorkload,
  type Children,
  heldChildren,
  presentChildren,
  stopNode,
} from './children/children.ts'
import { type Changing, currentChange, currentInit, mayReplace, type Planned } from './sidecar/current-plans.ts'
import { dataVolumeKey, disownVolume, rescueRestored } from './children/data-volume.ts'
import type { NodeDependencies } from './dependencies.ts'
import { finalizeNode } from './finalize.ts'
import { type CheckedKey, checkKey } from './keys/check-key.ts'
import { isStopped, uncheckedKey, whenToCheckAgain } from './keys/finding.ts'
import { releaseEndedPod } from './keys/pod-end.ts'
import { readyHold } from './keys/reservation.ts'
import type { NodeMemories, NodeMemory } from './local-state.ts'
import { applyNetworkPolicy } from './children/network-policy.ts'
import { nextLook, whenToMark } from './requeue.ts'
import { observeSpecFacts, podOf, podWarning } from './observe/observe.ts'
import { nodeWriter, volumeOwner } from './owner.ts'
import { isReplaceReason, replacePod, type ReplaceReason, unfitPod } from './children/replace-pod.ts'
import { report } from './report.ts'
import { type RolloutState, rolloutState } from './observe/pod-revision.ts'
import type { Round } from './observation.ts'
import { type SpecFacts, type SpecVerdict, validateNode } from './observe/validate.ts'

/** @returns when to reconcile again; undefined where a watch event will tell */
export async function reconcileNode(
  key: string,
  memories: NodeMemories,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Again | undefined> {
  const stored = dependencies.stores.nodes.get(key)
  if (!stored || stored.metadata.deletionTimestamp !== undefined) memories.forget(key)
  await releaseEndedPod(key, dependencies, signal)
  if (!stored) return undefined
  if (stored.metadata.deletionTimestamp !== undefined) {
    return finalizeNode(stored, dependencies, signal)
  }
  const ensured = await nodeWriter(dependencies).ensureFinalizer(stored, signal)
  if (ensured.spec.paused) {
    await rescueRestored(ensured, dependencies, signal)
    await keepVolume(ensured, dependencies, signal)
    await report(pausedRound(ensured, dependencies), 'none', dependencies, signal)
    return undefined
  }
  const memory = memories.of(key, ensured.metadata.uid ?? '')
  const failures = new StepFailures(signal)
  const begunAt = dependencies.clock.now()
  await failures.run(
    'taking a restored claim from an owner that is gone',
    () => rescueRestored(ensured, dependencies, signal),
    () => undefined,
  )
  const { statefulSet } = presentChildren(stored, dependencies)
  const pod = podOf(stored, statefulSet, dependencies)
  const facts = { ...(await observeSpecFacts(stored, memories, dependencies, signal)), pod }
  const claim = facts.prepared ?? facts.own
  const { node, key: signingKey } = await failures.run<CheckedKey>(
    'checking the signing key',
    () => checkKey({ node: ensured, pod, statefulSet, claim }, dependencies, signal),
    () => ({ node: ensured, key: uncheckedKey(statefulSet) }),
  )
  const asked = await failures.run('checking the spec', () => validateNode(node, facts), unchecked)
  if (!asked.blocks) memory.volume = dataVolumeKey(node)
  const hold = asked.blocks ? undefined : volumeHold(node, claim)
  const found = { claim, isLeftAlone: facts.prepared !== undefined || hold?.kind === 'replaced' }
  // A pod that is made now would mount it.
  const isOthers = hold?.kind === 'replaced' && isForeign(node, claim)
  const children = await failures.run<Children>(
    "making the node's volume",
    () =>
      asked.blocks || hold?.kind === 'gone' || hold?.kind === 'found' || isOthers
        ? heldChildren(node, dependencies)
        : applyVolume(node, pod, found, memory.verified, dependencies, signal),
    () => presentChildren(node, dependencies),
  )
  // What the node did not get may be another's, who waits for nobody then.
  if (!children.dataVolume) memory.volume = undefined
  const spec = await failures.run('checking the spec', () => judgedAnew(node, asked, facts, children), unchecked)
  const begun: Begun = { node, key: signingKey, spec, children, volumeHold: hold }
  const planned = await failures.run<Planned>(
    'planning',
    () => currentInit(begun, memory, dependencies, signal),
    () => ({ ...begun, init: undefined }),
  )
  const changing = await failures.run<Changing | undefined>(
    'planning the change of the pod',
    () => currentChange(planned, memory, dependencies, signal),
    () => undefined,
  )
  const observed = await failures.run<Round>(
    "making the node's objects",
    () => withWorkload(changing ?? planned, memory, dependencies, signal),
    () => unmade(planned, dependencies),
  )
  const attended = await failures.run<Partial<Attended>>(
    'looking after the sidecar',
    () => (changing ? attend(changing, observed, memory, dependencies, signal) : {}),
    () => ({}),
  )
  const warning = await failures.run(
    'reading the events of the pod',
    () => podWarning(observed.pod, memory, dependencies, signal),
    () => undefined,
  )
  const round: Round = {
    ...observed,
    ...attended,
    podWarning: warning,
    silentSince: memory.silentSince,
    failure: failures.failure,
    rewritten: rewrittenMessage(memory.verified.rewritten),
    now: dependencies.clock.now(),
  }
  const written = await report(round, 'none', dependencies, signal)
  failures.throwFirst()
  passTurn(node, written, dependencies)
  const looks = [nextLook(round, observed.now), whenToMark(node, written, begunAt)]
  return [...looks, changing?.proof.again, whenToCheckAgain(signingKey)].reduce(soonest, attended.again)
}

/** The one thing that a pause does not hold back: a volume that is to be kept must not go with its owner. */
async function keepVolume(node: Readonly<SeiNode>, dependencies: NodeDependencies, signal: AbortSignal): Promise<void> {
  const claim = dependencies.stores.dataVolumes.get(dataVolumeKey(node))
  if (claim && node.spec.storage?.retainOnDelete === true) await disownVolume(claim, node, dependencies, signal)
}

/** The reconcile up to the node's objects: the sidecar is not yet asked. */
async function withWorkload(
  changing: Changing | Planned,
  memory: NodeMemory,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Round> {
  if (!('change' in changing)) return unmade(changing, dependencies)
  const { node, key, spec, children: volume, change, rollout: rolloutStatus, config, signs } = changing
  const isMade = !spec.blocks && volume.dataVolume !== undefined
  const isHeld = isHeldBack(changing, dependencies)
  const state = { ...signs, pod: config.pod, isHeld, isStopped: isStopped(key) }
  const hasPod = isMade || presentChildren(node, dependencies).statefulSet !== undefined
  const [workload, problem] = await Promise.all([
    isMade ? applyWorkload(node, state, memory.verified, dependencies, signal) : {},
    hasPod ? applyNetworkPolicy(node, memory.verified, dependencies, signal) : undefined,
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
  if (pod && isLeaving(rollout) && isDue && !isTerminating(pod)) {
    await replacePod(node, pod, rollout.kind, dependencies, signal)
  }
  // Its controller takes its time where it has many to make: until it has tried, the pod is not missing.
  const isMissing = !pod && !isStopped(key) && statefulSet !== undefined && isObserved(statefulSet)
  memory.podMissingSince = isMissing ? (memory.podMissingSince ?? now) : undefined
  return {
    ...bareRound({ ...changing, children }, dependencies),
    pod,
    rollout,
    plan: changing.init ?? node.status?.initPlan,
    updatePlan: changing.update ?? node.status?.updatePlan,
    sidecar: unaskedSidecar(pod),
    podMissingSince: memory.podMissingSince,
    change,
    isWorkAwaited: memory.workHeldSince !== undefined,
    rolloutStatus,
    now,
  }
}

/** With the objects as they stand. */
function unmade(planned: Planned, dependencies: NodeDependencies): Round {
  const children = { ...presentChildren(planned.node, dependencies), ...planned.children }
  return bareRound({ ...planned, children }, dependencies)
}

/** What became of the size is known once it was asked for. */
function judgedAnew(node: Readonly<SeiNode>, asked: SpecVerdict, facts: SpecFacts, found: Children): SpecVerdict {
  if (asked.blocks || asked.reason === 'CheckFailed') return asked
  const own = facts.own && (found.dataVolume ?? facts.own)
  return validateNode(node, { ...facts, own, sizeRefusal: found.sizeRefusal })
}

function isForeign(node: Readonly<SeiNode>, claim: Readonly<PersistentVolumeClaim> | undefined): boolean {
  if (node.spec.genesis?.pvc) return false
  return claim !== undefined && ownershipOf(claim, volumeOwner(node, undefined)).kind === 'foreign'
}

function unchecked({ message }: Error): SpecVerdict {
  return { reason: 'CheckFailed', message: `the spec could not be checked: ${message}`, blocks: false }
}

/** Between changes the pod is held back too, so that an edit of the StatefulSet by hand restarts nothing. */
function isHeldBack({ node, change }: Changing, dependencies: NodeDependencies): boolean {
  if (change.kind === 'restarting') return false
  if (change.kind === 'kept') return true
  const { statefulSet: live } = presentChildren(node, dependencies)
  if (!live || holdsPod(live)) return true
  // Once it lets the pod change, it does so until the pod is ready with the change, and seen to work.
  return change.kind !== 'proving' && isObserved(live) && hasRolledOut(live)
}

function firstProblem(...parts: readonly Pick<Children, 'problem'>[]): Pick<Children, 'problem'> {
  const problem = parts.find(part => part.problem !== undefined)?.problem
  return problem ? { problem } : {}
}

/** The pod is to be replaced by us: nothing more is asked of it. */
function isLeaving(rollout: RolloutState | undefined): rollout is Extract<RolloutState, { kind: ReplaceReason }> {
  return rollout !== undefined && isReplaceReason(rollout.kind)
}

async function attend(
  { init, config, key }: Changing,
  round: Round,
  memory: NodeMemory,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Attended> {
  const { node, pod, recurring, rollout, sidecar, plan, updatePlan, change } = round
  // A pod that is about to go starts no seid, and gets no task.
  const isGoing = isLeaving(rollout) || (change?.kind === 'restarting' && rollout?.kind !== 'current')
  if (!init || isGoing) return { plan, updatePlan, recurring, sidecar }
  const holdReady = () => readyHold(node, key, pod, dependencies, signal)
  const attended = await attendSidecar(
    { node, plan: init, updatePlan, config, change, pod, memory, holdReady },
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
