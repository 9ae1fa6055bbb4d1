/** The conditions of a SeiNode, each evaluated from one observation: `nodeConditions`. Pure; checks are in order of weight. */
import type { NodeConditionType, NodeReason } from '../../../api/conditions.ts'
import { SIDECAR_CONTAINER } from '../../../api/names.ts'
import type { RecurringTask } from '../../../api/seinode-status.ts'
import { uploadInterval } from '../../../build/upload-interval.ts'
import type { Condition } from '../../../lib/conditions.ts'
import { completedCount, currentTask, failedTask, failureText } from '../../../plan/task-plan.ts'
import { nodeCondition, type NodeFinding, nodeProgress, nodeReason } from '../../shared/conditions.ts'
import type { Failure } from '../../shared/failures.ts'
import { isSidecarCrashLooping, podProblem } from '../../shared/pods/pod-problem.ts'
import { seidState } from '../../shared/pods/pod-state.ts'
import type { KeyReason } from '../keys/finding.ts'
import type { Observation } from '../observation.ts'
import { volumeBlockedMessage } from '../observe/volume-use.ts'
import { evaluateFollowing } from './chain-ready.ts'
import { evaluateProgress, haltedAt, updateFailure } from './progress.ts'
import { evaluateUpgrades, upgradeProblem } from './upgrades-healthy.ts'
import { evaluateVolume, restartBlock } from './volume-healthy.ts'
import { volumeGrowth } from './volume-growth.ts'
import { evaluateVolumeSpace } from './volume-space.ts'

/** All conditions, in the order in which they are shown. */
export function nodeConditions(observation: Observation): readonly Condition<NodeConditionType>[] {
  const initialized = nodeCondition('Initialized', evaluateInitialized(observation))
  const runtimeTasks = nodeCondition('RuntimeTasksHealthy', evaluateRecurring(observation))
  const volume = nodeCondition('VolumeHealthy', evaluateVolume(observation))
  const growth = volumeGrowth(observation)
  const space = [
    nodeCondition('VolumeSpace', evaluateVolumeSpace(observation)),
    ...(growth ? [nodeCondition('VolumeGrowth', growth)] : []),
  ]
  if (observation.node.spec.paused)
    return pausedConditions(observation.failure, [volume, ...space, initialized], runtimeTasks)
  const upgrades = evaluateUpgrades(observation)
  return [
    nodeCondition('Ready', evaluateReady(observation)),
    nodeCondition('SpecValid', observation.spec),
    volume,
    ...space,
    initialized,
    nodeCondition('SidecarReady', evaluateSidecar(observation)),
    ...nodeProgress(evaluateProgress(observation)),
    ...(upgrades ? [nodeCondition('UpgradesHealthy', upgrades)] : []),
    runtimeTasks,
    nodeCondition('Paused', { reason: 'NotPaused', message: 'the operator reconciles the node' }),
  ]
}

function evaluateReady(observation: Observation): NodeFinding<'Ready'> {
  const { plan, pod, rollout, sidecar, key } = observation
  if (observation.spec.blocks || (nodeReason('SpecValid', observation.spec.reason).status === 'False' && !pod)) {
    return { reason: 'SpecInvalid', message: observation.spec.message }
  }
  if (observation.volumeBlock)
    return { reason: 'VolumeReplaced', message: volumeBlockedMessage(observation.node, observation.volumeBlock) }
  if (key?.kind === 'refused') return { reason: readyReason(key.reason), message: key.message }
  if (plan?.phase === 'Failed') return { reason: 'PlanFailed', message: evaluateInitialized(observation).message }
  const halted = haltedAt(observation)
  if (halted) return halted
  if (plan?.phase !== 'Complete') {
    if (sidecar.kind === 'unreachable')
      return { reason: 'SidecarNotReady', message: evaluateSidecar(observation).message }
    return sidecar.kind === 'absent' || sidecar.kind === 'starting'
      ? { reason: 'WaitingForPod', message: `the pod has not started yet: ${evaluateProgress(observation).message}` }
      : { reason: 'Initializing', message: evaluateInitialized(observation).message }
  }
  if (!pod) return { reason: 'WaitingForPod', message: 'the pod is not there' }
  const upgrade = upgradeProblem(observation)
  if (upgrade) return upgrade
  if (observation.updatePlan?.phase === 'Failed')
    return { reason: 'UpdateFailed', message: updateFailure(observation.updatePlan) }
  if (observation.updatePlan?.phase === 'Active' || (observation.updatePlan && observation.appliedConfig)) {
    return { reason: 'NewGeneration', message: 'the changed configuration is being applied' }
  }
  const block = restartBlock(observation)
  if (block !== undefined) {
    const isRunning = seidState(pod).running
    return isRunning ? { reason: 'NewGeneration', message: block } : { reason: 'PodNotReady', message: block }
  }
  const problem = observation.failure ?? observation.children.problem
  if (problem) return { reason: 'NewGeneration', message: `the spec has not reached the cluster: ${problem.message}` }
  if ((rollout?.kind !== 'current' && rollout?.kind !== 'pinned') || observation.isWorkAwaited === true) {
    return { reason: 'NewGeneration', message: 'the pod will be replaced to match the current spec' }
  }
  if (sidecar.kind !== 'ready') return { reason: 'SidecarNotReady', message: withPodProblem(observation) }
  if (!seidState(pod).running) return { reason: 'PodNotReady', message: 'seid does not run' }
  return evaluateFollowing(observation)
}

/** A pod that cannot start its sidecar says why in Stalled alone otherwise. */
function withPodProblem(observation: Observation): string {
  const { message } = evaluateSidecar(observation)
  const problem = observation.pod && podProblem(observation.pod, observation.now)
  return problem && !message.includes(problem.message) ? `${message}. ${problem.message}` : message
}

function evaluateInitialized(observation: Observation): NodeFinding<'Initialized'> {
  const { node, plan, sidecar, peersUnresolved, volumeBlock } = observation
  if (volumeBlock) return { reason: 'VolumeReplaced', message: volumeBlockedMessage(node, volumeBlock) }
  if (!plan) return { reason: 'PlanPending', message: 'the bootstrap starts when the volume exists' }
  const total = plan.tasks.length
  const adopted =
    plan.adoptedFrom === undefined
      ? ''
      : plan.adoptedFrom === plan.volumeUID
        ? '; the volume was created from a snapshot: its state was kept and its configuration rewritten'
        : `; the volume was retained from an earlier SeiNode of this name: its state was kept (plan ${plan.adoptedFrom}) and its configuration rewritten`
  if (plan.phase === 'Complete') {
    return { reason: 'PlanComplete', message: `all ${total} tasks of the bootstrap are complete${adopted}` }
  }
  const failed = failedTask(plan)
  if (failed) {
    const message = `${failureText(failed)}. Correct the cause, then set the annotation sei.io/retry-plan to a new value`
    return { reason: 'TaskFailed', message }
  }
  if (sidecar.kind === 'absent' && completedCount(plan) === 0) {
    return { reason: 'PlanPending', message: `the bootstrap of ${total} tasks starts when the sidecar is running` }
  }
  const current = currentTask(plan)
  const task = current ? `task ${current.index + 1} of ${total}, ${current.task.type}` : `${total} tasks`
  if (peersUnresolved !== undefined) {
    return { reason: 'PeersUnresolved', message: `the bootstrap waits at ${task}: ${peersUnresolved}` }
  }
  return { reason: 'PlanActive', message: `the bootstrap is at ${task}${adopted}` }
}

function readyReason(reason: KeyReason): NodeReason<'Ready'> {
  if (reason === 'KeyConflict') return 'KeyInUse'
  return reason === 'ReservationFailed' ? 'KeyNotUsable' : reason
}

function evaluateSidecar({ sidecar, pod, now, key }: Observation): NodeFinding<'SidecarReady'> {
  if (pod && isSidecarCrashLooping(pod)) {
    return { reason: 'CrashLooping', message: podProblem(pod, now)?.message ?? 'the sidecar is in a crash loop' }
  }
  switch (sidecar.kind) {
    case 'absent':
      return { reason: 'WaitingForPod', message: 'the sidecar is not running yet' }
    case 'starting':
      return { reason: 'Starting', message: 'the sidecar has just been started' }
    case 'bootstrapping': {
      const block = sidecar.block ?? (key?.kind === 'refused' ? key.message : undefined)
      if (block !== undefined) {
        return { reason: 'AwaitingMarkReady', message: `the sidecar responds, but mark-ready is not sent: ${block}` }
      }
      return {
        reason: 'AwaitingMarkReady',
        message: 'the sidecar responds; seid does not start until the bootstrap is complete',
      }
    }
    case 'busy':
      return { reason: 'Busy', message: sidecar.message }
    case 'unreachable':
      return {
        reason: 'Unreachable',
        message: `${sidecar.message}. Read its log (kubectl logs -n ${pod?.metadata?.namespace} ${pod?.metadata?.name} -c ${SIDECAR_CONTAINER}), and check that NetworkPolicies let the operator reach its port`,
      }
    case 'released':
      return { reason: 'AwaitingMarkReady', message: 'the sidecar is ready; the kubelet starts seid next' }
    case 'ready':
      return { reason: 'Ready', message: 'the sidecar responds and seid may start' }
  }
}

const RESUME = 'Set spec.paused to false to resume'

/**
 * What is known without the cluster is evaluated all the same and passed in.
 * @param failure of the one thing that a pause does not hold back
 */
function pausedConditions(
  failure: Failure | undefined,
  state: readonly Condition<NodeConditionType>[],
  runtimeTasks: Condition<NodeConditionType>,
): readonly Condition<NodeConditionType>[] {
  return [
    nodeCondition('Ready', {
      reason: 'Paused',
      message: `the node is paused, so its readiness is not evaluated. ${RESUME}`,
    }),
    nodeCondition('SpecValid', { reason: 'NotChecked', message: 'the node is paused' }),
    ...state,
    nodeCondition('SidecarReady', { reason: 'NotChecked', message: 'the node is paused' }),
    ...nodeProgress(
      failure ?? { reason: 'Paused', message: `nothing is changed for the node while it is paused. ${RESUME}` },
    ),
    runtimeTasks,
    nodeCondition('Paused', {
      reason: 'PausedBySpec',
      message: `spec.paused is true: the operator does not change the node's objects and sends nothing to its sidecar. ${RESUME}`,
    }),
  ]
}

export function evaluateRecurring({
  node,
  recurring: { wanted, tasks, problem },
}: Observation): NodeFinding<'RuntimeTasksHealthy'> {
  if (wanted === 0) {
    const unused = node.spec.snapshotGeneration
      ? ': snapshots stay on the volume, and snapshotGeneration.schedule has no effect without a destination'
      : ''
    return { reason: 'NotConfigured', message: `the spec has no recurring task${unused}` }
  }
  const failures = tasks.flatMap(({ type, lastResult }) =>
    lastResult?.error === undefined ? [] : [`${type} failed: ${lastResult.error}`],
  )
  if (problem !== undefined) {
    return { reason: 'ScheduleRefused', message: [`${problem}. Correct it`, ...failures].join('; ') }
  }
  if (failures.length > 0) {
    return { reason: 'Failing', message: `${failures.join('; ')}. The next slot runs it again` }
  }
  const notes = tasks.flatMap(({ note }) => note ?? [])
  const where = notes.length > 0 ? `; ${notes.join('; ')}` : ''
  const loop = tasks.find(({ lastResult, resultUnknown }) => lastResult?.status === 'Running' && resultUnknown === true)
  if (loop) return { reason: 'ResultUnknown', message: `${loopMessage(loop)}${where}` }
  const ended = tasks.filter(({ lastResult }) => lastResult?.completedAt !== undefined)
  if (ended.length > 0) {
    const told = ended.flatMap(({ type, lastResult }) =>
      lastResult?.message ? [`${type}: ${lastResult.message}`] : [],
    )
    const what = told.length > 0 ? ` (${told.join('; ')})` : ''
    return { reason: 'Healthy', message: `the last run of every recurring task succeeded${what}${where}` }
  }
  const isUnderWay = tasks.some(({ lastResult }) => lastResult !== undefined)
  return {
    reason: 'Waiting',
    message: isUnderWay ? `the first run is under way${where}` : 'no recurring task has come due yet',
  }
}

/** A sidecar up to v0.0.25 says how the run ended once it has: until then it is not told from one that never ends. */
function loopMessage({ type, schedule = '' }: RecurringTask): string {
  const interval = uploadInterval(schedule)
  const pace =
    interval === undefined
      ? `not at the times of schedule "${schedule}"`
      : `every ${interval} (SEI_SNAPSHOT_UPLOAD_INTERVAL, taken from the schedule) and not at the times of schedule "${schedule}"`
  return `${type} runs. Sidecars from v0.0.26 to v0.0.65 upload in a loop of their own, ${pace}, and do not say whether uploads succeed: read the sidecar's log, or set spec.sidecar.image to v0.0.66 or newer`
}
