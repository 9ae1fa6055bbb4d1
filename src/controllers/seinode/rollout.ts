/** Whether a node's pod is the one that its StatefulSet's template describes: `rolloutState`. Pure. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { holdsPod } from '../../build/statefulset.ts'
import { isObserved, runsTemplate } from '../shared/current-pod.ts'
import { isTerminating } from '../shared/deletion.ts'
import { seidState, seidStoppedSince } from '../shared/pod-state.ts'
import type { UnfitPod } from './unfit-pod.ts'

export type RolloutState =
  /** The pod is of the current template. */
  | { readonly kind: 'current' }
  /** No pod yet. */
  | { readonly kind: 'creating' }
  /** The pod is of an older template, which the StatefulSet lets it keep for now. */
  | { readonly kind: 'held' }
  /** The StatefulSet's controller has yet to see the newest template, or to replace the pod. */
  | { readonly kind: 'rolling' }
  /**
   * The pod is of an older template and not ready. A StatefulSet waits for such a pod to become ready before it replaces
   * it, which a pod with a wrong image never does: it has to be deleted.
   */
  | { readonly kind: 'wedged' }
  /** The pod may stay, and its kubelet does not start seid again: it has to be deleted. */
  | { readonly kind: 'stuck' }
  | UnfitPod

/** A kubelet that starts seid at all does so long before. Milliseconds. */
export const STUCK_MS = 120_000

/**
 * @param now milliseconds since the epoch
 * @param mayReplace false: the pod must not be deleted, whatever is wrong with it
 */
export function rolloutState(
  statefulSet: Readonly<StatefulSet>,
  pod: Readonly<Pod> | undefined,
  now: number,
  mayReplace = true,
): RolloutState {
  const state = neededRollout(statefulSet, pod, now)
  const isDeleted = state.kind === 'wedged' || state.kind === 'stuck'
  return isDeleted && !mayReplace ? { kind: 'rolling' } : state
}

function neededRollout(statefulSet: Readonly<StatefulSet>, pod: Readonly<Pod> | undefined, now: number): RolloutState {
  if (!pod) return { kind: 'creating' }
  const isCurrent = runsTemplate(statefulSet, pod)
  const isKept = !isCurrent && holdsPod(statefulSet) && !isTerminating(pod)
  if (isCurrent || isKept) {
    const stopped = seidStoppedSince(pod)
    if (stopped !== undefined && now - stopped >= STUCK_MS) return { kind: 'stuck' }
    return { kind: isCurrent ? 'current' : 'held' }
  }
  const isReplaceable =
    isObserved(statefulSet) && statefulSet.status?.updateRevision !== undefined && !isTerminating(pod)
  return { kind: isReplaceable && !seidState(pod).ready ? 'wedged' : 'rolling' }
}
