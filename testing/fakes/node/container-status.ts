/** One container's record in the words of its pod's status: `containerStatus`. */
import type { ContainerState, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { assertNever } from '../../../src/lib/assert-never.ts'
import type { ContainerExit, ContainerRecord, WaitReason } from './container-record.ts'
import { succeeded } from './container-record.ts'
import type { ContainerPlan } from './pod-plan.ts'
import { willRestart } from './pod-sync.ts'

/** `now` decides whether a container that died is still held back by its crash backoff. */
export function containerStatus(pod: Pod, plan: ContainerPlan, record: ContainerRecord, now: number): ContainerStatus {
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
export function timestamp(epochMs: number): string {
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
