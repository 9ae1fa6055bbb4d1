/** Since when a pod gets no further though nothing in its status says why: `waitingSince`. Pure. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { INIT_CONTAINER, SEID_CONTAINER, SIDECAR_CONTAINER } from '../../api/names.ts'
import { isTerminating } from './deletion.ts'
import { unschedulableSince } from './pod-problem.ts'
import { containerStatus } from './pod-state.ts'

/** A kubelet that cannot mount a volume says so after two minutes. Milliseconds. */
export const POD_STUCK_MS = 180_000

/**
 * Milliseconds since the epoch, by the clocks of the API server and the kubelet. Undefined for a pod whose seid runs, or whose
 * sidecar runs and holds seid back, which is asked, and for one that says itself what is wrong (`podProblem`).
 */
export function waitingSince(pod: Readonly<Pod>): number | undefined {
  const { creationTimestamp, deletionTimestamp } = pod.metadata ?? {}
  // The moment at which its grace ends.
  if (isTerminating(pod)) return Date.parse(deletionTimestamp ?? '')
  if (saysWhy(pod)) return undefined
  const sidecar = containerStatus(pod, SIDECAR_CONTAINER)
  const seid = containerStatus(pod, SEID_CONTAINER)
  if (sidecar?.state?.running) {
    const isHeld = sidecar.started !== true
    return isHeld || seid?.state?.running || seid?.state?.terminated
      ? undefined
      : latest(
          sinceCondition(pod, 'Initialized') ?? sidecar.state.running.startedAt,
          seid?.lastState?.terminated?.finishedAt,
        )
  }
  const ends = [sidecar, containerStatus(pod, INIT_CONTAINER)].map(status => status?.state?.terminated?.finishedAt)
  return latest(sinceCondition(pod, 'PodScheduled') ?? creationTimestamp, ...ends)
}

/** What a container waits with while its kubelet gets on with it. */
const STARTING: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

function saysWhy(pod: Readonly<Pod>): boolean {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  const reasons = [...initContainerStatuses, ...containerStatuses].flatMap(({ state }) => state?.waiting?.reason ?? [])
  return unschedulableSince(pod) !== undefined || reasons.some(reason => !STARTING.has(reason))
}

/** RFC 3339; when the condition became True. */
function sinceCondition(pod: Readonly<Pod>, type: string): string | undefined {
  return pod.status?.conditions?.find(each => each.type === type && each.status === 'True')?.lastTransitionTime
}

function latest(...times: readonly (string | undefined)[]): number | undefined {
  const known = times.flatMap(time => (time === undefined ? [] : [Date.parse(time)]))
  return known.length === 0 ? undefined : Math.max(...known)
}
