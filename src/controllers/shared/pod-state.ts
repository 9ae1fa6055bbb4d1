/** What a node's pod says of its sidecar and of seid: `sidecarState`, `seidState`. Pure readings of pod status. */
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { SEID_CONTAINER, SIDECAR_CONTAINER } from '../../api/names.ts'
import { isTerminating } from './deletion.ts'

export type SidecarState =
  /** No pod, one that is going, or a sidecar that does not run. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'running'
      readonly podIP: string
      /** Names one start of the container. */
      readonly containerID: string
      /** Its startup probe, /v0/healthz, has passed since that start: seid may run. */
      readonly started: boolean
      /** When the kubelet started it, milliseconds since the epoch by the kubelet's clock. */
      readonly startedAt: number | undefined
    }

/** What the kubelet's word is worth of a sidecar that nobody asked. */
export function unaskedSidecar(pod: Pod | undefined): { readonly kind: 'absent' | 'bootstrapping' | 'ready' } {
  const state = sidecarState(pod)
  if (state.kind === 'absent') return state
  return { kind: state.started ? 'ready' : 'bootstrapping' }
}

export type RunningSidecar = Extract<SidecarState, { kind: 'running' }>

export function sidecarState(pod: Pod | undefined): SidecarState {
  const status = pod && !isTerminating(pod) ? containerStatus(pod, SIDECAR_CONTAINER) : undefined
  const podIP = pod?.status?.podIP
  if (!status?.state?.running || podIP === undefined) return { kind: 'absent' }
  const { startedAt } = status.state.running
  return {
    kind: 'running',
    podIP,
    containerID: status.containerID ?? '',
    started: status.started === true,
    startedAt: startedAt === undefined ? undefined : Date.parse(startedAt),
  }
}

/** Whether seid's process runs, and whether its pod passes its readiness probes. */
export function seidState(pod: Pod | undefined): { readonly running: boolean; readonly ready: boolean } {
  if (!pod || isTerminating(pod)) return { running: false, ready: false }
  const running = containerStatus(pod, SEID_CONTAINER)?.state?.running !== undefined
  const ready = pod.status?.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'True')
  return { running, ready: running && ready === true }
}

/** Whether seid runs, or its kubelet may start it at any moment. */
export function mayRunSeid(pod: Pod | undefined): boolean {
  if (!pod) return false
  return (
    containerStatus(pod, SIDECAR_CONTAINER)?.started === true ||
    containerStatus(pod, SEID_CONTAINER)?.state?.running !== undefined
  )
}

/** Whether seid has run in this pod. */
export function wasSeidStarted(pod: Pod): boolean {
  const { state, lastState, restartCount = 0 } = containerStatus(pod, SEID_CONTAINER) ?? {}
  return restartCount > 0 || (state?.running ?? state?.terminated ?? lastState?.terminated) !== undefined
}

/**
 * Since when seid has been stopped beside a sidecar that lets it run, milliseconds since the epoch; undefined where it
 * runs, or waits for its next start. The kubelet starts it again within seconds, unless it forgot to.
 */
export function seidStoppedSince(pod: Pod | undefined): number | undefined {
  const sidecar = sidecarState(pod)
  if (!pod || sidecar.kind !== 'running' || !sidecar.started) return undefined
  const finishedAt = containerStatus(pod, SEID_CONTAINER)?.state?.terminated?.finishedAt
  return finishedAt === undefined ? undefined : Date.parse(finishedAt)
}

export function containerStatus(pod: Pick<Pod, 'status'>, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  return [...initContainerStatuses, ...containerStatuses].find(status => status.name === name)
}
