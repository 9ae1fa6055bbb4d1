/** Whether a node's pod is the one that its StatefulSet's template describes: `rolloutState`. Pure. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { isTerminating } from '../shared/deletion.ts'
import { seidState, seidStoppedSince } from './pod-state.ts'

export type RolloutState =
  /** The pod is of the current template. */
  | { readonly kind: 'current' }
  /** No pod yet. */
  | { readonly kind: 'creating' }
  /** The StatefulSet's controller has yet to look at the newest template, or to replace the pod. */
  | { readonly kind: 'rolling' }
  /**
   * The pod is of an older template and not ready. A StatefulSet waits for such a pod to become ready before it replaces
   * it, which a pod with a wrong image never does: it has to be deleted.
   */
  | { readonly kind: 'wedged' }
  /** The pod is current, and its kubelet does not start seid again: it has to be deleted. */
  | { readonly kind: 'stuck' }

/** A kubelet that starts seid at all does so long before. Milliseconds. */
export const STUCK_MS = 120_000

const REVISION_LABEL = 'controller-revision-hash'

/** @param now milliseconds since the epoch */
export function rolloutState(
  statefulSet: Readonly<StatefulSet>,
  pod: Readonly<Pod> | undefined,
  now: number,
): RolloutState {
  const { updateRevision } = statefulSet.status ?? {}
  if (!pod) return { kind: 'creating' }
  // Its status speaks of an older template until the controller has seen this one.
  if (!isObserved(statefulSet) || updateRevision === undefined || isTerminating(pod)) return { kind: 'rolling' }
  if (pod.metadata?.labels?.[REVISION_LABEL] === updateRevision) {
    const stopped = seidStoppedSince(pod)
    return { kind: stopped !== undefined && now - stopped >= STUCK_MS ? 'stuck' : 'current' }
  }
  return { kind: seidState(pod).ready ? 'rolling' : 'wedged' }
}

/** The controller of StatefulSets has acted on it as it is now. */
export function isObserved({ metadata, status }: Readonly<StatefulSet>): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
}
