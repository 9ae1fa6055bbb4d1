/** The Service, the StatefulSet and the NetworkPolicy of a node, and the deletion of a pod that is useless: `makeWorkload`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { isPodPinned } from '../../../build/statefulset.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { hasRolledOut, isObserved, seidStart, unaskedSidecar } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { isAtHalt, observeHalt } from '../halt/observe-halt.ts'
import { initialObservation } from '../initial-observation.ts'
import { isStopped } from '../keys/finding.ts'
import type { NodeLocalState } from '../local-state.ts'
import type { Observation } from '../observation.ts'
import { podOf } from '../observe/observe.ts'
import { type RolloutState, rolloutState } from '../observe/pod-revision.ts'
import { type Changing, mayReplace, type Planned } from '../sidecar/current-plans.ts'
import { applyWorkload, type Children, presentChildren, stopNode } from './children.ts'
import { applyNetworkPolicy } from './network-policy.ts'
import { isReplaceReason, replacePod, type ReplaceReason, unfitPod } from './replace-pod.ts'

/** The reconcile up to the node's objects: the sidecar is not yet asked. */
export async function makeWorkload(
  changing: Changing | Planned,
  local: NodeLocalState,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Observation> {
  if (!('change' in changing)) return withoutWorkload(changing, dependencies)
  const { node, key, spec, children: volume, change, rollout: rolloutStatus, config, signs } = changing
  const isMade = !spec.blocks && volume.dataVolume !== undefined
  const isPinned = staysPinned(changing, dependencies)
  const state = { ...signs, pod: config.pod, isPinned, isStopped: isStopped(key) }
  const hasPod = isMade || presentChildren(node, dependencies).statefulSet !== undefined
  const [workload, problem] = await Promise.all([
    isMade ? applyWorkload(node, state, local.verified, dependencies, signal) : {},
    hasPod ? applyNetworkPolicy(node, local.verified, dependencies, signal) : undefined,
  ])
  const children = { ...volume, ...workload, ...firstProblem(volume, workload, problem ? { problem } : {}) }
  const { statefulSet } = children
  if (!isMade && statefulSet && isStopped(key)) await stopNode(statefulSet, dependencies, signal)
  const now = dependencies.clock.now()
  const pod = podOf(node, statefulSet, dependencies)
  const mayGo = mayReplace(changing, pod, dependencies)
  const unfit = pod && (haltedPod(node, pod, dependencies) ?? unfitPod(pod, children.dataVolume, changing.init))
  const rollout = statefulSet && (unfit ?? rolloutState(statefulSet, pod, now, mayGo))
  const isDue = mayGo && (unfit?.kind !== 'interrupted' || unfit.dueAt <= now)
  if (pod && isBeingReplaced(rollout) && isDue && !isTerminating(pod)) {
    await replacePod(node, pod, rollout.kind, dependencies, signal)
  }
  // Its controller takes its time where it has many to make: until it has tried, the pod is not missing.
  const isMissing = !pod && !isStopped(key) && statefulSet !== undefined && isObserved(statefulSet)
  local.podMissingSince = isMissing ? (local.podMissingSince ?? now) : undefined
  return {
    ...initialObservation({ ...changing, children }, dependencies),
    pod,
    halt: observeHalt(node, pod),
    rollout,
    plan: changing.init ?? node.status?.initPlan,
    updatePlan: changing.update ?? node.status?.updatePlan,
    sidecar: unaskedSidecar(pod),
    podMissingSince: local.podMissingSince,
    change,
    isWorkAwaited: local.workAwaitedSince !== undefined,
    rolloutStatus,
    now,
  }
}

export function isUpdateNew(changing: Changing | undefined): changing is Changing {
  return changing !== undefined && changing.updateChange !== 'none'
}

/** A new update plan is in status before the pod template names it: another one in its place would restart the pod twice. */
export function awaitingUpdate(changing: Changing, dependencies: NodeDependencies): Observation {
  const { update: updatePlan, change, rollout: rolloutStatus } = changing
  return { ...withoutWorkload(changing, dependencies), updatePlan, change, rolloutStatus }
}

/** With the objects as they stand. */
export function withoutWorkload(planned: Planned, dependencies: NodeDependencies): Observation {
  const children = { ...presentChildren(planned.node, dependencies), ...planned.children }
  return initialObservation({ ...planned, children }, dependencies)
}

/** Between changes the pod stays pinned too, so that an edit of the StatefulSet by hand restarts nothing. */
function staysPinned({ node, change }: Changing, dependencies: NodeDependencies): boolean {
  if (change.kind === 'restarting') return false
  if (change.kind === 'kept') return true
  const { statefulSet: live } = presentChildren(node, dependencies)
  if (!live || isPodPinned(live)) return true
  // Once it lets the pod change, it does so until the pod is ready with the change, and seen to work.
  return change.kind !== 'proving' && isObserved(live) && hasRolledOut(live)
}

function haltedPod(
  node: SeiNode,
  pod: Readonly<Pod>,
  { chain }: Pick<NodeDependencies, 'chain'>,
): { readonly kind: 'halted' } | undefined {
  const height = chain.track(keyOf(node), seidStart(pod) ?? '')?.last?.height
  return isAtHalt(node, pod, height) ? { kind: 'halted' } : undefined
}

function firstProblem(...parts: readonly Pick<Children, 'problem'>[]): Pick<Children, 'problem'> {
  const problem = parts.find(part => part.problem !== undefined)?.problem
  return problem ? { problem } : {}
}

/** The pod is to be replaced by us: nothing more is asked of it. */
export function isBeingReplaced(
  rollout: RolloutState | undefined,
): rollout is Extract<RolloutState, { kind: ReplaceReason }> {
  return rollout !== undefined && isReplaceReason(rollout.kind)
}
