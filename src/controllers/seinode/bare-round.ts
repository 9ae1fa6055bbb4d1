/** A round in which nothing was found out beyond the objects of the node: `bareRound`. */
import type { SeiNode } from '../../api/seinode.ts'
import type { VolumeHold } from '../../plan/volume-hold.ts'
import { storedRecurring } from './attend-sidecar.ts'
import type { Children } from './children.ts'
import type { NodeDependencies } from './dependencies.ts'
import type { KeyFinding } from './keys/finding.ts'
import { podOf } from './observe.ts'
import { unaskedSidecar } from '../shared/pod-state.ts'
import type { Round } from './round.ts'
import type { SpecVerdict } from './validate.ts'

/** What a reconcile begins with. */
export interface Begun {
  /** As in status: plans that changed have been written. */
  readonly node: Readonly<SeiNode>
  /** Whether a validator may run the key on its volume. */
  readonly key: KeyFinding
  readonly spec: SpecVerdict
  readonly children: Children
  /** Why the volume that is there must not be used yet. */
  readonly volumeHold: VolumeHold | undefined
}

type Bare = Pick<Begun, 'node' | 'spec' | 'children'> & Partial<Pick<Begun, 'key' | 'volumeHold'>>

export function bareRound({ node, key, spec, volumeHold, children }: Bare, dependencies: NodeDependencies): Round {
  const pod = podOf(node, children.statefulSet, dependencies)
  return {
    node,
    ...(key ? { key } : {}),
    spec,
    children,
    volumeHold,
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
