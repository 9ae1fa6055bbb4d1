/** What a node's pod and its StatefulSet say of sidecar, seid and template: `sidecarState`, `seidState`, `runsTemplate`. Pure. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { SEID_CONTAINER, SIDECAR_CONTAINER, SIDECAR_PORT_VARIABLE } from '../../../api/names.ts'
import { specOrMetadataChanged } from '../../../runtime/predicates.ts'
import type { Change } from '../../../runtime/store.ts'
import { isTerminating } from '../deletion.ts'

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

/** Names the present start of seid's container; undefined while it does not run. */
export function seidStart(pod: Pod | undefined): string | undefined {
  if (!pod || !seidState(pod).running) return undefined
  return containerStatus(pod, SEID_CONTAINER)?.containerID ?? pod.metadata?.uid
}

/** Whether the pod was deleted because its cluster node does not respond. */
export function isOnLostMachine({ metadata, status }: Readonly<Pod>): boolean {
  if (metadata?.deletionTimestamp === undefined) return false
  const isDisrupted = status?.conditions?.some(
    ({ type, status: is, reason }) =>
      type === 'DisruptionTarget' && is === 'True' && reason === 'DeletionByTaintManager',
  )
  return status?.reason === 'NodeLost' || isDisrupted === true
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

/** As the pod was made; undefined for a pod without a sidecar that says it. */
export function sidecarPortOf({ spec }: Readonly<Pod>): number | undefined {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const sidecar = containers.find(({ name }) => name === SIDECAR_CONTAINER)
  const said = sidecar?.env?.find(({ name }) => name === SIDECAR_PORT_VARIABLE)?.value
  return said === undefined ? sidecar?.ports?.[0]?.containerPort : Number(said)
}

const REVISION_LABEL = 'controller-revision-hash'

/** False while the controller of StatefulSets has yet to look at the newest template, or to replace the pod. */
export function runsTemplate(statefulSet: Readonly<StatefulSet>, pod: Readonly<Pod>): boolean {
  const { updateRevision } = statefulSet.status ?? {}
  // Its status speaks of an older template until the controller has seen this one.
  if (!isObserved(statefulSet) || updateRevision === undefined || isTerminating(pod)) return false
  return isOfTemplate(statefulSet, pod)
}

/** Whether the pod was made of the template that the controller of StatefulSets saw last, even if it is about to go. */
export function isOfTemplate({ status }: Readonly<StatefulSet>, pod: Readonly<Pod>): boolean {
  return pod.metadata?.labels?.[REVISION_LABEL] === status?.updateRevision
}

/** A pod that is made anew is of the newest template, held or not: the last change reached a pod that became ready. */
export function hasRolledOut({ status }: Readonly<StatefulSet>): boolean {
  return status?.currentRevision === status?.updateRevision
}

/** The controller of StatefulSets has acted on it as it is now. */
export function isObserved({ metadata, status }: Readonly<StatefulSet>): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
}

/** A predicate for watches. Its counts of replicas say nothing that the pod does not say. */
export function rolloutChanged(change: Change<StatefulSet>): boolean {
  if (change.type !== 'updated' || specOrMetadataChanged(change)) return true
  const before = change.previous.status
  const after = change.object.status
  return (
    before?.updateRevision !== after?.updateRevision ||
    before?.currentRevision !== after?.currentRevision ||
    before?.observedGeneration !== after?.observedGeneration
  )
}
