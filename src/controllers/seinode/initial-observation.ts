/** What a reconcile knows of a node before it asks anybody: `bareRound`, `pausedRound`. */
import type { SeiNode } from '../../api/seinode.ts'
import type { VolumeHold } from '../../plan/volume-hold.ts'
import { unaskedSidecar } from '../shared/pods/pod-state.ts'
import { storedRecurring } from './sidecar/sync-sidecar.ts'
import { type Children, presentChildren } from './children/children.ts'
import type { NodeDependencies } from './dependencies.ts'
import type { KeyFinding } from './keys/finding.ts'
import { podOf } from './observe/observe.ts'
import type { Round } from './observation.ts'
import type { SpecVerdict } from './observe/validate.ts'

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

export function pausedRound(node: Readonly<SeiNode>, dependencies: NodeDependencies): Round {
  const spec = { reason: 'NotChecked', message: 'the node is paused', blocks: false } as const
  return bareRound({ node, spec, children: presentChildren(node, dependencies) }, dependencies)
}
