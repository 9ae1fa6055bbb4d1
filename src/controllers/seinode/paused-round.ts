/** A round that touches nothing: `pausedRound`. */
import type { SeiNode } from '../../api/seinode.ts'
import { storedRecurring } from './attend-sidecar.ts'
import { presentChildren } from './children.ts'
import type { NodeDependencies } from './dependencies.ts'
import { podOf } from './observe.ts'
import { unaskedSidecar } from '../shared/pod-state.ts'
import type { Round } from './round.ts'

export function pausedRound(node: Readonly<SeiNode>, dependencies: NodeDependencies): Round {
  const children = presentChildren(node, dependencies)
  const pod = podOf(node, children.statefulSet, dependencies)
  return {
    node,
    spec: { reason: 'NotChecked', message: 'the node is paused', blocks: false },
    children,
    pod,
    rollout: undefined,
    plan: node.status?.initPlan,
    updatePlan: node.status?.updatePlan,
    recurring: storedRecurring(node, dependencies),
    sidecar: unaskedSidecar(pod),
    podMissingSince: undefined,
    rolloutStatus: node.status?.rollout,
    now: dependencies.clock.now(),
  }
}
