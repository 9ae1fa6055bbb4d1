/** For the conditions Reconciling and Stalled: what the cluster is about to do for a node, or what is in the way: `evaluateProgress`. Pure. */
import { SEID_PORTS } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import type { TaskPlan } from '../../../api/seinode-status.ts'
import { unended } from '../../../lib/unended.ts'
import { haltMessage } from '../../../plan/halt.ts'
import { currentTask, failedTask, failureText } from '../../../plan/task-plan.ts'
import { type NodeFinding, nodeReason } from '../../shared/conditions.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { lacksPriorityClass } from '../../shared/pods/last-warning.ts'
import {
  CAPACITY_MS,
  POD_OVERDUE_MS,
  POD_STUCK_MS,
  podProblem,
  unschedulableSince,
  waitingSince,
} from '../../shared/pods/pod-problem.ts'
import { isOnLostMachine, seidState } from '../../shared/pods/pod-state.ts'
import { poolOf, PROOF_DEADLINE_MS } from '../../shared/rollout-gate.ts'
import { rivalsRun } from '../keys/finding.ts'
import type { Observation } from '../observation.ts'
import { volumeBlockedMessage } from '../observe/volume-use.ts'
import { upgradeProblem } from './upgrades-healthy.ts'
import { evaluateVolume, restartBlock } from './volume-healthy.ts'

type Progress = NodeFinding<'Reconciling'>

/** Tasks take seconds to minutes. */
const TASK_DEADLINE_MS = 30 * 60_000
/** A restore downloads terabytes. */
const RESTORE_DEADLINE_MS = 24 * 3600_000

const CHECKS: readonly ((observation: Observation) => Progress | undefined)[] = [
  // Make sure that two signers of one key are hidden by nothing.
  keyProblem,
  // Make sure that what only the user can mend is said before what mends itself.
  stepFailed,
  childProblem,
  hinderingSpec,
  blockedVolume,
  restartBlocked,
  podRefused,
  // One that does not go is not replaced.
  podStuckInTermination,
  // A pod that is being taken away says nothing any more.
  beingReplaced,
  // Make sure that a crash loop says what ends it.
  upgradeProblem,
  problemOfPod,
  interrupted,
  podStuck,
  bootstrapFailed,
  taskStuck,
  peersUnresolved,
  updating,
  awaitingTurn,
  rollingOut,
  proving,
  // A volume that does not have its size hinders nothing else, so it hides nothing else.
  specProblem,
  haltedAt,
  creating,
  bootstrapping,
  podStarting,
  // Make sure that what admission changed is told where nothing else is.
  rewritten,
]

export function evaluateProgress(observation: Observation): Progress {
  for (const check of CHECKS) {
    const progress = check(observation)
    if (progress) return withWaits(progress, observation)
  }
  return { reason: 'Stable', message: 'the cluster matches the spec' }
}

/** What is held back is told beside whatever else is wrong, or nobody would know what ends it. */
function withWaits(progress: Progress, observation: Observation): Progress {
  // What admission changed may be the cause of what is wrong.
  const isTrouble = nodeReason('Reconciling', progress.reason).status === 'False'
  const holds = [
    observation.updateWait,
    observation.peersUnresolved,
    awaitingTurn(observation)?.message,
    isTrouble ? observation.rewritten : undefined,
  ]
  const block = holds.find(each => each !== undefined && !progress.message.includes(each))
  return block === undefined
    ? progress
    : { ...progress, message: `${unended(progress.message)}. In addition, ${block}` }
}

function stepFailed({ failure }: Observation): Progress | undefined {
  return failure
}

function keyProblem({ key, node }: Observation): Progress | undefined {
  if (key?.kind === 'refused') return { reason: key.reason, message: key.message }
  if (key?.kind !== 'reserved' || key.rivals.length === 0) return undefined
  return {
    reason: 'KeyConflict',
    message: rivalsRun({ namespace: node.metadata.namespace ?? '', name: node.metadata.name }, key.address, key.rivals),
  }
}

function childProblem({ children: { problem } }: Observation): Progress | undefined {
  return problem
}

function hinderingSpec(observation: Observation): Progress | undefined {
  const { spec } = observation
  return spec.blocks || spec.reason === 'StorageClassNotFound' ? specProblem(observation) : undefined
}

function restartBlocked(observation: Observation): Progress | undefined {
  const message = restartBlock(observation)
  return message === undefined ? undefined : { reason: 'RestartHeld', message }
}

function specProblem({ spec }: Observation): Progress | undefined {
  // What a refused setting is about goes on all the same.
  if (spec.reason === 'SettingRefused' || nodeReason('SpecValid', spec.reason).status !== 'False') return undefined
  return { reason: 'SpecInvalid', message: spec.message }
}

function blockedVolume({ node, volumeBlock }: Observation): Progress | undefined {
  return volumeBlock && { reason: 'VolumeReplaced', message: volumeBlockedMessage(node, volumeBlock) }
}

function podRefused({ children, podMissingSince, podWarning, now, node }: Observation): Progress | undefined {
  const { statefulSet } = children
  if (!statefulSet || podMissingSince === undefined || now - podMissingSince < POD_OVERDUE_MS) return undefined
  const { name, namespace } = node.metadata
  const account = statefulSet.spec?.template.spec?.serviceAccountName
  const details = `To see the reason in its events, run: kubectl describe statefulset -n ${namespace} ${name}`
  if (podWarning) {
    const said = `${podWarning.reason}: ${unended(podWarning.message)}`
    const remedy = lacksPriorityClass(podWarning)
      ? `Create the PriorityClass, or correct ${priorityField(node)}`
      : 'Correct the cause'
    const message = `the StatefulSet cannot create its pod (${said}). ${remedy}; the StatefulSet retries. ${details}`
    return { reason: 'PodRefused', message }
  }
  const message = `the StatefulSet cannot create its pod. Most often ServiceAccount ${account} is missing in namespace ${namespace}, or a quota is exhausted. ${details}`
  return { reason: 'PodRefused', message }
}

function priorityField(node: Readonly<SeiNode>): string {
  if (node.spec.scheduling?.priorityClassName === undefined) return 'SEI_PRIORITY_CLASS of the operator'
  const pool = poolOf(node)
  const field = 'scheduling.priorityClassName'
  return pool === undefined ? `spec.${field}` : `spec.nodeConfiguration.${field} of SeiNodePool ${pool}`
}

function problemOfPod(observation: Observation): Progress | undefined {
  const problem = observation.pod && podProblem(observation.pod, observation.now)
  if (problem?.reason !== 'Unschedulable' || !observation.pod) return problem
  const volume = evaluateVolume(observation)
  // The scheduler's words say nothing of why a claim is not bound.
  const message = volume.reason === 'VolumePending' ? `${problem.message}. ${volume.message}` : problem.message
  const isEarly = observation.now - (unschedulableSince(observation.pod) ?? 0) < CAPACITY_MS
  return { reason: isEarly ? 'AwaitingCapacity' : 'Unschedulable', message }
}

function podStuckInTermination(observation: Observation): Progress | undefined {
  return observation.pod && isTerminating(observation.pod) ? podStuck(observation) : undefined
}

function podStuck({ pod, podWarning, now }: Observation): Progress | undefined {
  const since = pod && waitingSince(pod)
  if (!pod || since === undefined || now - since < POD_STUCK_MS) return undefined
  const { name, namespace } = pod.metadata ?? {}
  const { nodeName } = pod.spec ?? {}
  if (nodeName !== undefined && isOnLostMachine(pod)) {
    const message = `pod ${name} was deleted, and its cluster node ${nodeName} does not respond: seid may still run there. Power the machine off first. Then release the pod and its volume: kubectl taint nodes ${nodeName} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute. Remove the taint when the machine is back`
    return { reason: 'PodStuck', message }
  }
  const time = new Date(since).toISOString()
  const where = nodeName === undefined ? 'the scheduler' : `the kubelet of cluster node ${nodeName}`
  const what = isTerminating(pod)
    ? `should have terminated by ${time} but still exists`
    : `has made no progress since ${time}`
  const said = podWarning
    ? `Its last warning is ${podWarning.reason}: ${unended(podWarning.message)}`
    : `The operator can read no warning event that gives the reason. Check ${where}`
  const message = `pod ${name} ${what}. ${said}. For details, run: kubectl describe pod -n ${namespace} ${name}`
  return { reason: 'PodStuck', message }
}

function bootstrapFailed({ plan }: Observation): Progress | undefined {
  if (plan?.phase !== 'Failed') return undefined
  return { reason: 'BootstrapFailed', message: 'the bootstrap failed; see the condition Initialized' }
}

function peersUnresolved({ peersUnresolved: message }: Observation): Progress | undefined {
  return message === undefined ? undefined : { reason: 'PeersUnresolved', message }
}

function beingReplaced({ rollout, pod, children: { dataVolume } }: Observation): Progress | undefined {
  if (rollout?.kind === 'wedged') {
    const message = 'the pod has an older spec and is not ready; it is deleted and recreated from the current spec'
    return { reason: 'PodReplaced', message }
  }
  if (rollout?.kind === 'halted') {
    const message = 'seid has reached spec.haltHeight; its pod is deleted and recreated, and seid is not started there'
    return { reason: 'PodReplaced', message }
  }
  if (rollout?.kind === 'stuck') {
    const message = 'seid stopped and was not restarted; its pod is deleted and recreated'
    return { reason: 'PodReplaced', message }
  }
  if (rollout?.kind !== 'outdated') return undefined
  const { name, uid } = dataVolume?.metadata ?? {}
  const message = `pod ${pod?.metadata?.name} is older than PersistentVolumeClaim ${name} (uid ${uid}) and mounts an earlier claim of that name. The operator sends it no task; it deletes the pod, and the StatefulSet recreates it with the current claim`
  return { reason: 'PodReplaced', message }
}

/** Not before what keeps the sidecar from running: the pod may have to wait a while for its deletion. */
function interrupted({ rollout, pod, now }: Observation): Progress | undefined {
  if (rollout?.kind !== 'interrupted') return undefined
  const when = rollout.dueAt > now ? `, at ${new Date(rollout.dueAt).toISOString()} at the earliest` : ''
  const message = `the sidecar of pod ${pod?.metadata?.name} stopped during snapshot-restore: the pod is deleted and recreated${when}, which removes the partial download; then the task is resubmitted`
  return { reason: 'PodReplaced', message }
}

function awaitingTurn({ change, node, pod, rolloutStatus }: Observation): Progress | undefined {
  if (change?.kind !== 'waiting') return undefined
  const pool = poolOf(node)
  const others = pool === undefined ? `The nodes of chain ${node.spec.chainId}` : `The nodes of SeiNodePool ${pool}`
  const stopped =
    rolloutStatus?.node === undefined
      ? ''
      : `. The rollout is halted at SeiNode ${rolloutStatus.node}, which does not follow the chain with the change: fix or pause that node`
  const runsOn = seidState(pod).running ? ' and keeps running with its current template' : ''
  const message = `a change of the operator's version or settings restarts the pod. ${others} restart in turn; this node waits for the rollout${runsOn}${stopped}`
  return { reason: 'AwaitingTurn', message }
}

// The first pod of a node is no replacement.
function rollingOut({ rollout, plan, change, isWorkAwaited = false }: Observation): Progress | undefined {
  if (isWorkAwaited) {
    const message =
      'the pod will be replaced to match the current spec; first, the operator stops recurring tasks on its sidecar that are not in the spec'
    return { reason: 'RollingOut', message }
  }
  if ((rollout?.kind !== 'rolling' && change?.kind !== 'restarting') || plan?.phase !== 'Complete') return undefined
  return { reason: 'RollingOut', message: 'the pod is being replaced to match the current spec' }
}

/** Others wait for the node until it is seen to work with its change. */
function proving({ change, pod, rolloutStatus, now }: Observation): Progress | undefined {
  if (change?.kind !== 'proving' || !pod || !rolloutStatus || !seidState(pod).ready) return undefined
  const { since } = rolloutStatus
  const message = 'the pod has the change but has not yet been observed to follow the chain'
  if (now - Date.parse(since) < PROOF_DEADLINE_MS) return { reason: 'RollingOut', message }
  const advice = `It has had the change since ${since}, and the remaining nodes wait. Check that its height rises, that its validator signs, and that the operator can reach port ${SEID_PORTS.rpc} of pod ${pod.metadata?.name}, or pause the node`
  return { reason: 'RolloutHalted', message: `${message}. ${advice}` }
}

function updating({ updatePlan, updateWait, appliedConfig, plan }: Observation): Progress | undefined {
  if (plan?.phase !== 'Complete') return undefined
  if (updatePlan?.phase === 'Failed') return { reason: 'UpdateFailed', message: updateFailure(updatePlan) }
  if (updateWait !== undefined) return { reason: 'UpdatingConfig', message: updateWait }
  if (updatePlan?.phase === 'Active') {
    const task = currentTask(updatePlan)?.task.type ?? 'config-apply'
    return { reason: 'UpdatingConfig', message: `the sidecar applies the changed configuration to the volume: ${task}` }
  }
  if (!appliedConfig || updatePlan?.phase !== 'Complete') return undefined
  return { reason: 'RollingOut', message: 'the pod will be restarted with the changed configuration' }
}

/** Says what failed and what to do. */
export function updateFailure(plan: TaskPlan): string {
  const failed = failedTask(plan)
  const why = failed ? failureText(failed) : 'no reason was given'
  return `the changed configuration could not be applied: ${why}. A running seid keeps the old configuration until it restarts. Correct the cause, then set the annotation sei.io/retry-plan to a new value; to restore the old configuration, revert the change of the spec`
}

/** A task that runs on without an end; what it has done so far is not known. */
function taskStuck({ plan, updatePlan, now }: Observation): Progress | undefined {
  const active = [plan, updatePlan].find(each => each?.phase === 'Active')
  const { type, submittedAt } = (active && currentTask(active)?.task) ?? {}
  if (type === undefined || submittedAt === undefined) return undefined
  const deadlineMs = type === 'snapshot-restore' ? RESTORE_DEADLINE_MS : TASK_DEADLINE_MS
  if (now - Date.parse(submittedAt) < deadlineMs) return undefined
  const message = `task ${type} of the sidecar has run since ${submittedAt} without a result. Read the log of the sidecar. To run the task again, delete the pod`
  return { reason: 'TaskStuck', message }
}

/** Not while seid runs: its pod goes first. */
export function haltedAt({
  halt,
  pod,
}: Observation): { readonly reason: 'Halted'; readonly message: string } | undefined {
  if (halt?.kind !== 'halted' || seidState(pod).running) return undefined
  return { reason: 'Halted', message: haltMessage(halt) }
}

function creating({ sidecar, plan }: Observation): Progress | undefined {
  if (plan?.phase === 'Complete' || sidecar.kind !== 'absent') return undefined
  return { reason: 'Creating', message: 'the volume, the Service, the StatefulSet and its pod are being created' }
}

function bootstrapping({ plan }: Observation): Progress | undefined {
  if (plan?.phase === 'Complete') return undefined
  return {
    reason: 'Bootstrapping',
    message: 'the sidecar prepares the volume; see the condition Initialized for progress',
  }
}

function podStarting({ pod, sidecar }: Observation): Progress | undefined {
  if (pod && sidecar.kind === 'ready' && seidState(pod).running) return undefined
  return { reason: 'PodStarting', message: 'the pod is being started' }
}

function rewritten({ rewritten: message }: Observation): Progress | undefined {
  return message === undefined ? undefined : { reason: 'Rewritten', message }
}
