/** What a reconcile knows of a node before it asks anybody: `initialObservation`, `pausedObservation`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { VolumeBlock } from '../../plan/volume-consent.ts'
import { seidStart, unaskedSidecar } from '../shared/pods/pod-state.ts'
import { keyOf } from '../../runtime/object-key.ts'
import { storedRecurring } from './sidecar/sync-sidecar.ts'
import { type Children, presentChildren } from './children/children.ts'
import { observeGrowth } from './children/volume-growth.ts'
import type { NodeDependencies } from './dependencies.ts'
import type { KeyFinding } from './keys/finding.ts'
import { observeHalt } from './halt/observe-halt.ts'
import { podOf } from './observe/observe.ts'
import type { Observation } from './observation.ts'
import type { SpecEvaluation } from './observe/validate.ts'
import type { NodeUpgrades } from './upgrades/follow-upgrades.ts'

/** What a reconcile begins with. */
export interface Begun {
  /** Its status has the plans that hold now; a new bootstrap plan may not be written yet. */
  readonly node: Readonly<SeiNode>
  /** Whether a validator may run the key on its volume. */
  readonly key: KeyFinding
  readonly spec: SpecEvaluation
  readonly children: Children
  /** Why the volume that is there must not be used yet. */
  readonly volumeBlock: VolumeBlock | undefined
  /** Undefined where nobody looked. */
  readonly upgrades: NodeUpgrades | undefined
}

type Bare = Pick<Begun, 'node' | 'spec' | 'children'> & Partial<Pick<Begun, 'key' | 'volumeBlock' | 'upgrades'>>

export function initialObservation(
  { node, key, spec, volumeBlock, upgrades, children }: Bare,
  dependencies: NodeDependencies,
): Observation {
  const pod = podOf(node, children.statefulSet, dependencies)
  return {
    node,
    ...(key ? { key } : {}),
    spec,
    children,
    volumeBlock,
    upgrades,
    pod,
    rollout: undefined,
    halt: observeHalt(node, pod),
    ...chainOf(node, pod, dependencies),
    growth: observeGrowth(node, children.dataVolume, children.sizeRefusal, dependencies),
    volumeUse: dependencies.volumes.finding(keyOf(node)),
    plan: node.status?.initPlan,
    updatePlan: node.status?.updatePlan,
    recurring: storedRecurring(node, dependencies),
    sidecar: unaskedSidecar(pod),
    podMissingSince: undefined,
    rolloutStatus: node.status?.rollout,
    now: dependencies.clock.now(),
  }
}

function chainOf(
  node: Readonly<SeiNode>,
  pod: Readonly<Pod> | undefined,
  { chain }: Pick<NodeDependencies, 'chain'>,
): Pick<Observation, 'chain' | 'chainAnswer'> {
  const [key, start] = [keyOf(node), seidStart(pod)]
  if (start === undefined) return { chain: undefined, chainAnswer: undefined }
  return { chain: chain.health(key, start), chainAnswer: chain.track(key, start)?.last }
}

export function pausedObservation(node: Readonly<SeiNode>, dependencies: NodeDependencies): Observation {
  const spec = { reason: 'NotChecked', message: 'the node is paused', blocks: false } as const
  return initialObservation({ node, spec, children: presentChildren(node, dependencies) }, dependencies)
}
