/** A pod's status as kubelet would report it: `podStatus` computes it from the plan and the containers' records alone. */
import type { Pod, PodCondition, PodStatus } from 'kubernetes-types/core/v1.d.ts'
import { succeeded } from './container-record.ts'
import { containerStatus, timestamp } from './container-status.ts'
import type { PodPlan } from './pod-plan.ts'
import { anyMainStarted, finishedPhase, recordOf } from './pod-sync.ts'
import type { Records } from './pod-sync.ts'

export interface PodFacts {
  readonly podIP: string
  readonly hostIP: string
  /** When the node accepted the pod, epoch milliseconds. */
  readonly acceptedAt: number
  readonly now: number
}

/** The types at hand are older than `observedGeneration`. */
export type ReportedStatus = PodStatus & { observedGeneration?: number }

/** All that the kubelet writes. The conditions of others, such as the scheduler's, are not in it. */
export function podStatus(pod: Pod, plan: PodPlan, records: Records, facts: PodFacts): ReportedStatus {
  const phase = podPhase(plan, records)
  const statusesOf = (main: boolean) =>
    plan.containers
      .filter(container => (container.role === 'main') === main)
      .map(container => containerStatus(pod, container, recordOf(records, container), facts.now))
  const init = statusesOf(false)
  const generation = pod.metadata?.generation
  return {
    phase,
    conditions: conditions(pod, plan, records, phase, facts.now),
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    podIP: facts.podIP,
    podIPs: [{ ip: facts.podIP }],
    startTime: timestamp(facts.acceptedAt),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: statusesOf(true),
    ...(generation !== undefined && { observedGeneration: generation }),
  }
}

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

function podPhase(plan: PodPlan, records: Records): Phase {
  const finished = finishedPhase(plan, records)
  if (finished) return finished
  if (!anyMainStarted(plan, records)) return 'Pending'
  const oneNeverRan = plan.containers.some(container => {
    const { state, lastExit } = recordOf(records, container)
    return container.role === 'main' && state.kind === 'waiting' && !lastExit
  })
  return oneNeverRan ? 'Pending' : 'Running'
}

interface Verdict {
  readonly status: 'True' | 'False'
  readonly reason?: string
  readonly message?: string
}

function conditions(pod: Pod, plan: PodPlan, records: Records, phase: Phase, now: number): PodCondition[] {
  const ready = readiness(plan, records, phase)
  const verdicts: Record<string, Verdict> = {
    PodReadyToStartContainers: { status: 'True' },
    Initialized: initialization(plan, records),
    Ready: ready,
    ContainersReady: ready,
  }
  const before = pod.status?.conditions ?? []
  const generation = pod.metadata?.generation
  const own: PodCondition[] = []
  for (const [type, verdict] of Object.entries(verdicts)) {
    const old = before.find(condition => condition.type === type && condition.status === verdict.status)
    own.push({
      type,
      ...verdict,
      ...(generation !== undefined && { observedGeneration: generation }),
      lastTransitionTime: old?.lastTransitionTime ?? timestamp(now),
    })
  }
  return own
}

/** Stays True once a main container ran, whatever the sidecars do later. */
function initialization(plan: PodPlan, records: Records): Verdict {
  if (anyMainStarted(plan, records)) return { status: 'True' }
  const incomplete = plan.containers.filter(container => {
    const { state } = recordOf(records, container)
    if (container.role === 'init') return !succeeded(state)
    return container.role === 'sidecar' && !(state.kind === 'running' && state.started)
  })
  return falseWhileAny('ContainersNotInitialized', 'incomplete', incomplete)
}

function readiness(plan: PodPlan, records: Records, phase: Phase): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const unready = plan.containers.filter(container => {
    const { state } = recordOf(records, container)
    return container.role !== 'init' && !(state.kind === 'running' && state.ready)
  })
  return falseWhileAny('ContainersNotReady', 'unready', unready)
}

function falseWhileAny(reason: string, what: string, containers: readonly { readonly name: string }[]): Verdict {
  if (containers.length === 0) return { status: 'True' }
  return {
    status: 'False',
    reason,
    message: `containers with ${what} status: [${containers.map(({ name }) => name).join(' ')}]`,
  }
}
