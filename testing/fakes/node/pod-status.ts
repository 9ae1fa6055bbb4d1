/** A pod's status as kubelet would report it: `podStatus` computes it from the plan and the containers' records alone. */
import type { ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from 'kubernetes-types/core/v1.d.ts'
import { assertNever } from '../../../src/lib/assert-never.ts'
import { succeeded } from './container-record.ts'
import type { ContainerExit, ContainerRecord, WaitReason } from './container-record.ts'
import type { ContainerPlan, PodPlan } from './pod-plan.ts'
import { anyMainStarted, finishedPhase, recordOf, willRestart } from './pod-sync.ts'
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

interface Evaluated {
  readonly status: 'True' | 'False'
  readonly reason?: string
  readonly message?: string
}

function conditions(pod: Pod, plan: PodPlan, records: Records, phase: Phase, now: number): PodCondition[] {
  const ready = readiness(plan, records, phase)
  const evaluated: Record<string, Evaluated> = {
    PodReadyToStartContainers: { status: 'True' },
    Initialized: initialization(plan, records),
    Ready: ready,
    ContainersReady: ready,
  }
  const before = pod.status?.conditions ?? []
  const generation = pod.metadata?.generation
  const own: PodCondition[] = []
  for (const [type, current] of Object.entries(evaluated)) {
    const old = before.find(condition => condition.type === type && condition.status === current.status)
    own.push({
      type,
      ...current,
      ...(generation !== undefined && { observedGeneration: generation }),
      lastTransitionTime: old?.lastTransitionTime ?? timestamp(now),
    })
  }
  return own
}

/** Stays True once a main container ran, whatever the sidecars do later. */
function initialization(plan: PodPlan, records: Records): Evaluated {
  if (anyMainStarted(plan, records)) return { status: 'True' }
  const incomplete = plan.containers.filter(container => {
    const { state } = recordOf(records, container)
    if (container.role === 'init') return !succeeded(state)
    return container.role === 'sidecar' && !(state.kind === 'running' && state.started)
  })
  return falseWhileAny('ContainersNotInitialized', 'incomplete', incomplete)
}

function readiness(plan: PodPlan, records: Records, phase: Phase): Evaluated {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const unready = plan.containers.filter(container => {
    const { state } = recordOf(records, container)
    return container.role !== 'init' && !(state.kind === 'running' && state.ready)
  })
  return falseWhileAny('ContainersNotReady', 'unready', unready)
}

function falseWhileAny(reason: string, what: string, containers: readonly { readonly name: string }[]): Evaluated {
  if (containers.length === 0) return { status: 'True' }
  return {
    status: 'False',
    reason,
    message: `containers with ${what} status: [${containers.map(({ name }) => name).join(' ')}]`,
  }
}

/** `now` decides whether a dead container is still in crash backoff. */
function containerStatus(pod: Pod, plan: ContainerPlan, record: ContainerRecord, now: number): ContainerStatus {
  const { state, restartCount } = record
  const running = state.kind === 'running'
  const idOf = (run: number): string => `fake://${pod.metadata?.uid}/${plan.name}/${run}`
  return {
    name: plan.name,
    image: plan.image,
    imageID: state.kind === 'waiting' ? '' : plan.image,
    ...states(pod, plan, record, idOf, now),
    ready: plan.role === 'init' ? succeeded(state) : running && state.ready,
    started: running && state.started,
    restartCount,
    ...(state.kind !== 'waiting' && { containerID: idOf(restartCount) }),
  }
}

/** RFC 3339 with whole seconds: what the API server keeps of a time. */
function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z')
}

function states(
  pod: Pod,
  plan: ContainerPlan,
  record: ContainerRecord,
  idOf: (run: number) => string,
  now: number,
): { state: ContainerState; lastState: ContainerState } {
  const { state } = record
  const lastState = record.lastExit ? exitState(record.lastExit, idOf) : {}
  switch (state.kind) {
    case 'waiting':
      return { state: { waiting: { reason: state.reason, ...pullMessage(state.reason, plan.image) } }, lastState }
    case 'running':
      return { state: { running: { startedAt: timestamp(state.startedAt) } }, lastState }
    case 'terminated': {
      const exit = exitState(state.exit, idOf)
      if (!willRestart(plan, state.exit) || state.restartAt <= now) return { state: exit, lastState }
      const { namespace, name, uid } = pod.metadata ?? {}
      const message = `back-off ${record.backoffMs / 1000}s restarting failed container=${plan.name} pod=${name}_${namespace}(${uid})`
      return { state: { waiting: { reason: 'CrashLoopBackOff', message } }, lastState: exit }
    }
    default:
      return assertNever(state)
  }
}

function exitState(exit: ContainerExit, idOf: (run: number) => string): ContainerState {
  return {
    terminated: {
      exitCode: exit.exitCode,
      reason: exit.exitCode === 0 ? 'Completed' : 'Error',
      ...(exit.message !== undefined && { message: exit.message }),
      startedAt: timestamp(exit.startedAt),
      finishedAt: timestamp(exit.finishedAt),
      containerID: idOf(exit.run),
    },
  }
}

function pullMessage(reason: WaitReason, image: string): { message?: string } {
  const cause = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`
  switch (reason) {
    case 'ErrImagePull':
      return { message: cause }
    case 'ImagePullBackOff':
      return { message: `Back-off pulling image "${image}": ErrImagePull: ${cause}` }
    case 'PodInitializing':
    case 'ContainerCreating':
      return {}
    default:
      return assertNever(reason)
  }
}
