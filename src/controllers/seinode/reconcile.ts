/** One reconcile of one SeiNode, from what is there to what its spec says: `reconcileNode`. Reads as a table of contents. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { StuckDecision } from '../../plan/stuck-restart.ts'
import { type VolumeBlock, volumeBlock } from '../../plan/volume-consent.ts'
import { type Requeue, soonest } from '../shared/requeue.ts'
import { StepFailures } from '../shared/failures.ts'
import { ownershipOf } from '../shared/children/ownership.ts'
import { groupOf, poolOf } from '../shared/rollout-gate.ts'
import { rewrittenMessage } from '../shared/children/verified-children.ts'
import { type SidecarSync, syncSidecar } from './sidecar/sync-sidecar.ts'
import { type Begun, pausedObservation } from './initial-observation.ts'
import { applyVolume, type Children, blockedChildren, presentChildren } from './children/children.ts'
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
import { awaitingUpdate, isBeingReplaced, isUpdateNew, makeWorkload, withoutWorkload } from './children/workload.ts'
import { restartStuckNode } from './children/restart-stuck.ts'
import type { NodeDependencies } from './dependencies.ts'
import { finalizeNode } from './finalize.ts'
import { type CheckedKey, checkKey } from './keys/check-key.ts'
import { uncheckedKey, requeueForKey } from './keys/finding.ts'
import { releaseEndedPod } from './children/release-pod.ts'
import { haltBlock } from './halt/observe-halt.ts'
import { readyBlock } from './keys/key-lease.ts'
import type { NodeLocalStates, NodeLocalState } from './local-state.ts'
import { checkUpgradeImage, type ImageSources, type UpgradeImage } from './upgrades/upgrade-image.ts'
import { upgradeStatus } from './upgrades/upgrade-status.ts'
import { type FollowedUpgrades, followUpgrades, knownUpgrades } from './upgrades/follow-upgrades.ts'
import { nextRequeue, requeueToMark } from './requeue.ts'
import { observeSpecFacts, podOf, podWarning } from './observe/observe.ts'
import { nodeWriter, volumeOwner } from './owner.ts'
import { buildStatus, reportStatus } from './status.ts'
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
  const sources = { node: ensured, statefulSet, pod, claim: facts.prepared ?? facts.own }
  const {
    node: upgraded,
    claim,
    upgrades,
  } = await failures.run<FollowedUpgrades>(
    'following the upgrades of the chain',
    () => followUpgrades(sources, local, dependencies, signal),
    () => knownUpgrades(sources, dependencies),
  )
  const { node, key: signingKey } = await failures.run<CheckedKey>(
    'checking the signing key',
    () => checkKey({ node: upgraded, pod, statefulSet, claim }, dependencies, signal),
    () => ({ node: upgraded, key: uncheckedKey(statefulSet) }),
  )
  const asked = await failures.run('checking the spec', () => validateNode(node, facts), unchecked)
  if (!asked.blocks) local.volume = dataVolumeKey(node)
  const block = asked.blocks ? undefined : volumeBlock(node, claim)
  const mayMount = !asked.blocks && mayMountVolume(node, claim, block)
  const found = { claim, isLeftAlone: facts.prepared !== undefined || block?.kind === 'replaced' }
  const children = await failures.run<Children>(
    "making the node's volume",
    () =>
      mayMount
        ? applyVolume(node, pod, found, local.verified, dependencies, signal)
        : blockedChildren(node, dependencies),
    () => presentChildren(node, dependencies),
  )
  // What the node did not get may be another's, who waits for nobody then.
  if (!children.dataVolume) local.volume = undefined
  const spec = await failures.run('checking the spec', () => afterApply(node, asked, facts, children), unchecked)
  const begun: Begun = { node, key: signingKey, spec, children, volumeBlock: block, upgrades }
  const planned = await failures.run<Planned>(
    'planning',
    () => currentInit(begun, local, dependencies),
    () => unplanned(begun),
  )
  const changing = await failures.run<Changing | undefined>(
    'planning the change of the pod',
    () => currentChange(planned, local, dependencies),
    () => undefined,
  )
  const observed = await failures.run<Observation>(
    "making the node's objects",
    () =>
      isUpdateNew(changing)
        ? awaitingUpdate(changing, dependencies)
        : makeWorkload(changing ?? planned, local, dependencies, signal),
    () => withoutWorkload(planned, dependencies),
  )
  const isPlanNew = planned.initChange !== 'none' || isUpdateNew(changing)
  const synced = await failures.run<Partial<SidecarSync>>(
    'looking after the sidecar',
    () => (changing && !isPlanNew ? syncWithSidecar(changing, observed, local, dependencies, signal) : {}),
    () => ({}),
  )
  const warning = await failures.run(
    'reading the events of the pod',
    () => podWarning(observed, local, dependencies, signal),
    () => undefined,
  )
  const image = await failures.run<UpgradeImage | undefined>(
    'pulling the image of the next upgrade',
    () => checkUpgradeImage(imageSources(observed), dependencies, signal),
    () => undefined,
  )
  const complete: Observation = {
    ...observed,
    ...synced,
    upgrades: { ...upgrades, image },
    podWarning: warning,
    silentSince: local.silentSince,
    failure: failures.failure,
    rewritten: rewrittenMessage(local.verified.rewritten),
    now: dependencies.clock.now(),
  }
  const stuckRestart = await failures.run<StuckDecision>(
    'restarting the stuck node',
    () => restartStuckNode(complete, current => mayReplace(planned, current, dependencies), dependencies, signal),
    () => ({ kind: 'none' }),
  )
  const observation: Observation = { ...complete, stuckRestart, failure: failures.failure }
  const written = await reportStatus(node, buildStatus(observation), planned.initChange, dependencies, signal)
  noteNewPlans(changing ?? planned, local)
  failures.throwFirst()
  advanceRollout(node, written, dependencies)
  const requeues = [nextRequeue(observation, observed.now), requeueToMark(node, written, begunAt)]
  // The write of the status triggers nothing. Without a sidecar, a new bootstrap waits for the pod, which does.
  const isNextDue = isUpdateNew(changing) || (isPlanNew && observation.sidecar.kind !== 'absent')
  const requeueForPlan = isNextDue ? { requeueAfterMs: 0 } : undefined
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

/** What became of the size is known once it was asked for. */
function afterApply(node: Readonly<SeiNode>, asked: SpecEvaluation, facts: SpecFacts, found: Children): SpecEvaluation {
  if (asked.blocks || asked.reason === 'CheckFailed') return asked
  const own = facts.own && (found.dataVolume ?? facts.own)
  return validateNode(node, { ...facts, own, sizeRefusal: found.sizeRefusal, growsTo: found.growsTo })
}

/** Whether a pod that is made now may mount the claim. */
function mayMountVolume(
  node: Readonly<SeiNode>,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  block: VolumeBlock | undefined,
): boolean {
  if (block?.kind === 'gone' || block?.kind === 'found') return false
  if (block?.kind !== 'replaced' || node.spec.genesis?.pvc || !claim) return true
  return ownershipOf(claim, volumeOwner(node, undefined)).kind !== 'foreign'
}

function unchecked({ message }: Error): SpecEvaluation {
  return { reason: 'CheckFailed', message: `the spec could not be checked: ${message}`, blocks: false }
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
  const findReadyBlock = async () => haltBlock(node, pod) ?? (await readyBlock(node, key, pod, dependencies, signal))
  const synced = await syncSidecar(
    { node, plan: init, updatePlan, config, change, pod, local, findReadyBlock },
    dependencies,
    signal,
  )
  const isUnanswered = change?.kind === 'configuring' && synced.sidecar.kind === 'unreachable'
  local.silentSince = isUnanswered ? (local.silentSince ?? dependencies.clock.now()) : undefined
  return synced
}

function imageSources(observation: Observation): ImageSources {
  const { node, pod, upgrades } = observation
  return { node, pod, entry: upgrades?.effective.next, next: upgradeStatus(observation).upgrade?.next }
}

/** Whoever waits for this node, or for a turn that is free, goes on. */
function advanceRollout(before: Readonly<SeiNode>, after: Readonly<SeiNode>, { gate }: NodeDependencies): void {
  const [was, is] = [before.status?.rollout?.phase, after.status?.rollout?.phase]
  if (is !== 'Waiting') gate.recorded(after)
  if (poolOf(after) === undefined && (is === 'Waiting' || (was === 'Underway' && is === undefined)))
    gate.advance(groupOf(after))
}
