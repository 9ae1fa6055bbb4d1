/** Pods as a kubelet would report them: `startedPod`, whose sidecar runs, and `releasedPod`, whose seid runs too. Pure. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Container, ContainerStatus, Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { INIT_CONTAINER, SIDECAR_CONTAINER } from '../../../api/names.ts'

/** Begins the ids of containers that only the simulation has started. */
const SIMULATED = 'simulated://'

export function isSimulated(containerID: string): boolean {
  return containerID.startsWith(SIMULATED)
}

export interface PodStart {
  /** Distinguishes the starts of one pod. */
  readonly number: number
  /** RFC 3339. */
  readonly now: string
  /** The termination message of the init container. */
  readonly report: string
}

export function startedPod(
  { metadata }: StatefulSet,
  template: PodTemplateSpec,
  revision: string,
  start: PodStart,
): Pod & { readonly metadata: { readonly name: string } } {
  const { namespace = '', name = '', uid = '' } = metadata ?? {}
  const pod = `${name}-0`
  const { initContainers = [], containers = [] } = template.spec ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name: pod,
      labels: {
        ...template.metadata?.labels,
        'controller-revision-hash': revision,
        'statefulset.kubernetes.io/pod-name': pod,
        'apps.kubernetes.io/pod-index': '0',
      },
      annotations: { ...template.metadata?.annotations },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid, controller: true }],
      ...(template.metadata?.finalizers ? { finalizers: template.metadata.finalizers } : {}),
    },
    spec: { ...template.spec, containers, nodeName: 'simulated' },
    status: {
      phase: 'Pending',
      podIP: '192.0.2.1',
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: start.now },
        { type: 'Ready', status: 'False', lastTransitionTime: start.now },
      ],
      initContainerStatuses: initContainers.map(container => initStatus(container, `${pod}/${start.number}`, start)),
      containerStatuses: containers.map(container => waitingStatus(container, `${pod}/${start.number}`)),
    },
  }
}

/** Nothing but the start of its containers; those that run stay as they are. */
export function releasedPod(pod: Pod, { number, now }: PodStart): Pod {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  return {
    ...pod,
    status: {
      ...pod.status,
      phase: 'Running',
      conditions: [
        ...(pod.status?.conditions ?? []).filter(({ type }) => type !== 'Ready'),
        { type: 'Ready', status: 'True', lastTransitionTime: now },
      ],
      initContainerStatuses: initContainerStatuses.map(released),
      containerStatuses: containerStatuses.map(status => running(status, `${pod.metadata?.name}/${number}`, now)),
    },
  }
}

/** The sidecar's startup probe has passed. */
function released(status: ContainerStatus): ContainerStatus {
  return status.name === SIDECAR_CONTAINER ? { ...status, started: true, ready: true } : status
}

function running(status: ContainerStatus, pod: string, now: string): ContainerStatus {
  if (status.state?.running) return { ...status, ready: true }
  const containerID = idOf(pod, status.name)
  return { ...status, started: true, ready: true, containerID, state: { running: { startedAt: now } } }
}

function waitingStatus(container: Container, pod: string): ContainerStatus {
  return { ...statusOf(container, pod), state: { waiting: { reason: 'PodInitializing' } } }
}

function initStatus(container: Container, pod: string, { now, report }: PodStart): ContainerStatus {
  const status = statusOf(container, pod)
  if (container.name === SIDECAR_CONTAINER) return { ...status, started: false, state: { running: { startedAt: now } } }
  const message = container.name === INIT_CONTAINER ? report : ''
  return {
    ...status,
    ready: true,
    state: { terminated: { exitCode: 0, reason: 'Completed', message, finishedAt: now } },
  }
}

function statusOf({ name, image = '' }: Container, pod: string): ContainerStatus {
  return { name, image, imageID: image, containerID: idOf(pod, name), ready: false, restartCount: 0 }
}

function idOf(pod: string, container: string): string {
  return `${SIMULATED}${pod}/${container}`
}
