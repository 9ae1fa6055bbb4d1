/** Whether a node's pod and pod template are the desired ones: `rolloutState`, `templateState`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { isAppliedAs } from '../../../build/applied-hash.ts'
import type { PodState } from '../../../build/pod.ts'
import { buildNodeTemplate, buildStatefulSet, isOfOtherTemplate, isPodPinned } from '../../../build/statefulset.ts'
import type { UploadSigns } from '../../../build/upload-bucket.ts'
import { statefulSets } from '../../../kube/resources.ts'
import { isEqualJson } from '../../../lib/equal-json.ts'
import { differences, isSubset } from '../../../lib/subset.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { isObserved, runsTemplate, seidState, seidStoppedSince } from '../../shared/pods/pod-state.ts'
import type { VerifiedChildren } from '../../shared/children/verified-children.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { buildInput } from '../owner.ts'
import type { UnfitPod } from '../children/replace-pod.ts'

export type RolloutState =
  /** The pod is of the current template. */
  | { readonly kind: 'current' }
  /** No pod yet. */
  | { readonly kind: 'creating' }
  /** The pod is of an older template, which the StatefulSet lets it keep for now. */
  | { readonly kind: 'pinned' }
  /** The StatefulSet's controller has yet to see the newest template, or to replace the pod. */
  | { readonly kind: 'rolling' }
  /**
   * The pod is of an older template and not ready. A StatefulSet waits for such a pod to become ready before it replaces
   * it, which a pod with a wrong image never does: it has to be deleted.
   */
  | { readonly kind: 'wedged' }
  /** The pod may stay, and its kubelet does not start seid again: it has to be deleted. */
  | { readonly kind: 'stuck' }
  /** It has reached `spec.haltHeight`: the next pod does not start seid. */
  | { readonly kind: 'halted' }
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
  const isKept = !isCurrent && isPodPinned(statefulSet) && !isTerminating(pod)
  if (isCurrent || isKept) {
    const stopped = seidStoppedSince(pod)
    if (stopped !== undefined && now - stopped >= STUCK_MS) return { kind: 'stuck' }
    return { kind: isCurrent ? 'current' : 'pinned' }
  }
  const isReplaceable =
    isObserved(statefulSet) && statefulSet.status?.updateRevision !== undefined && !isTerminating(pod)
  return { kind: isReplaceable && !seidState(pod).ready ? 'wedged' : 'rolling' }
}

export interface TemplateState {
  readonly isChanged: boolean
  /** So is what the pod is made of, beyond the mark of the configuration. */
  readonly isPodSpecChanged: boolean
  /** Builds it. */
  readonly desired: () => PodTemplateSpec
}

export interface TemplateInputs extends UploadSigns {
  readonly pod: PodState
}

const MEMO = 'PodTemplate'

/** @param verified what earlier reconciles found: a template without a difference is compared anew when a side changes */
export function templateState(
  node: SeiNode,
  state: TemplateInputs,
  live: Readonly<StatefulSet> | undefined,
  verified: VerifiedChildren,
  { platform }: Pick<NodeDependencies, 'platform'>,
): TemplateState {
  const input = buildInput(node)
  const desired = (): PodTemplateSpec => buildNodeTemplate(input, platform, { ...state, live })
  const unchanged = { isChanged: false, isPodSpecChanged: false, desired }
  const inputs = { ...input, ...state }
  if (!live || verified.has(MEMO, live, inputs)) return unchanged
  const template = desired()
  const current = { isPinned: isPodPinned(live), isStopped: live.spec?.replicas === 0 }
  // What differs from a template that was applied is due to admission or to an edit by hand: there is nothing to roll out.
  const isApplied = (): boolean => isAppliedAs(live, buildStatefulSet(input, platform, { ...state, ...current, live }))
  const isHeld = isSubset({ spec: { template } }, live)
  const isReduced = isHeld && isOfOtherTemplate(live, template)
  if ((isHeld && !isReduced) || isApplied()) {
    verified.note(MEMO, live, inputs)
    return unchanged
  }
  const rewritten = verified.answerOf(statefulSets.kind, live.metadata?.name ?? '') ?? []
  const isPodSpecChanged = differences({ spec: { template: { spec: template.spec } } }, live).some(
    difference => !rewritten.some(known => isEqualJson(known, difference)),
  )
  return { isChanged: true, isPodSpecChanged: isReduced || isPodSpecChanged, desired }
}
