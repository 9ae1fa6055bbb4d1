/** The condition Progressing: what the cluster is about to do for a node, or what is in the way: `judgeProgress`. Pure. */
import type { TaskPlan } from '../../api/seinode-status.ts'
import { currentTask, failedTask, failureText } from '../../plan/task-plan.ts'
import { podProblem } from '../shared/pod-problem.ts'
import { seidState } from './pod-state.ts'
import type { Round } from './round.ts'
import { reasonOf, type Judgement } from './verdict.ts'

type Progress = Judgement<'Progressing'>

/** The controller of StatefulSets has looked at its own for so long, and has not made the pod: something refuses it. Milliseconds. */
export const POD_OVERDUE_MS = 10_000

const CHECKS: readonly ((round: Round) => Progress | undefined)[] = [
  // Make sure that what only the user can mend is said before what mends itself.
  childProblem,
  specProblem,
  podRefused,
  // A pod that is being taken away says nothing any more.
  leaving,
  problemOfPod,
  bootstrapFailed,
  peersUnresolved,
  updating,
  awaitingTurn,
  rollingOut,
  creating,
  bootstrapping,
  podStarting,
]

export function judgeProgress(round: Round): Progress {
  for (const check of CHECKS) {
    const progress = check(round)
    if (progress) return progress
  }
  return { reason: 'Stable', message: 'the cluster is as the spec says' }
}

function childProblem({ children: { problem } }: Round): Progress | undefined {
  return problem
}

function specProblem({ spec }: Round): Progress | undefined {
  if (reasonOf('SpecValid', spec.reason).status !== 'False') return undefined
  return { reason: 'SpecInvalid', message: spec.message }
}

function podRefused({ children: { statefulSet }, podMissingSince, now, node }: Round): Progress | undefined {
  if (!statefulSet || podMissingSince === undefined || now - podMissingSince < POD_OVERDUE_MS) return undefined
  const { name, namespace } = node.metadata
  const account = statefulSet.spec?.template.spec?.serviceAccountName
  const message = `the StatefulSet has not been able to make its pod; most often ServiceAccount ${account} is missing in namespace ${namespace}, or a quota is used up. Its events say why: kubectl describe statefulset -n ${namespace} ${name}`
  return { reason: 'PodRefused', message }
}

function problemOfPod({ pod, now }: Round): Progress | undefined {
  return pod && podProblem(pod, now)
}

function bootstrapFailed({ plan }: Round): Progress | undefined {
  if (plan?.phase !== 'Failed') return undefined
  return { reason: 'BootstrapFailed', message: 'the bootstrap failed; the condition Initialized says why' }
}

function peersUnresolved({ peersUnresolved: message }: Round): Progress | undefined {
  return message === undefined ? undefined : { reason: 'PeersUnresolved', message }
}

function leaving({ rollout }: Round): Progress | undefined {
  if (rollout?.kind === 'wedged') {
    const message = 'the pod is of an older spec and not ready; it is deleted, and made again from the current one'
    return { reason: 'PodReplaced', message }
  }
  if (rollout?.kind !== 'stuck') return undefined
  const message = 'seid stopped and was not started again; its pod is deleted and made again'
  return { reason: 'PodReplaced', message }
}

function awaitingTurn({ turnAwaitedFrom: pool }: Round): Progress | undefined {
  if (pool === undefined) return undefined
  const message = `the operator's version or its settings, or a change of this node by hand, would change the pod; SeiNodePool ${pool} has its nodes restarted one after the other, and comes to this one in turn, unless it is paused`
  return { reason: 'AwaitingTurn', message }
}

// The first pod of a node is no replacement.
function rollingOut({ rollout, plan, isWorkAwaited = false }: Round): Progress | undefined {
  if (isWorkAwaited) {
    const message =
      'the pod is about to be replaced by one of the current spec; its sidecar is asked first to end recurring tasks that the spec does not ask for'
    return { reason: 'RollingOut', message }
  }
  if (rollout?.kind !== 'rolling' || plan?.phase !== 'Complete') return undefined
  return { reason: 'RollingOut', message: 'the pod is being replaced by one of the current spec' }
}

function updating({ updatePlan, updateHold, appliedConfig, plan }: Round): Progress | undefined {
  if (plan?.phase !== 'Complete') return undefined
  if (updatePlan?.phase === 'Failed') return { reason: 'UpdateFailed', message: updateFailure(updatePlan) }
  if (updateHold !== undefined) return { reason: 'UpdatingConfig', message: updateHold }
  if (updatePlan?.phase === 'Active') {
    const task = currentTask(updatePlan)?.task.type ?? 'config-apply'
    return { reason: 'UpdatingConfig', message: `the sidecar brings the changed configuration to the volume: ${task}` }
  }
  if (!appliedConfig || updatePlan?.phase !== 'Complete') return undefined
  return { reason: 'RollingOut', message: 'the pod is about to be restarted with the changed configuration' }
}

/** Says what failed and what to do. */
export function updateFailure(plan: TaskPlan): string {
  const failed = failedTask(plan)
  const why = failed ? failureText(failed) : 'no reason was given'
  return `the changed configuration could not be applied: ${why}. seid runs on with the old one, and would read the files as they are now if it were restarted. Correct the cause, then set the annotation sei.io/retry-plan to a new value; undoing the change of the spec brings the old configuration back`
}

function creating({ sidecar, plan }: Round): Progress | undefined {
  if (plan?.phase === 'Complete' || sidecar.kind !== 'absent') return undefined
  return { reason: 'Creating', message: 'the volume, the Service, the StatefulSet and its pod are being made' }
}

function bootstrapping({ plan }: Round): Progress | undefined {
  if (plan?.phase === 'Complete') return undefined
  return {
    reason: 'Bootstrapping',
    message: 'the sidecar prepares the volume; the condition Initialized says how far it is',
  }
}

function podStarting({ pod, sidecar }: Round): Progress | undefined {
  if (pod && sidecar.kind === 'ready' && seidState(pod).running) return undefined
  return { reason: 'PodStarting', message: 'the pod is being started' }
}
