/** Every condition type and reason of both kinds, with its meaning: `NODE_REASONS`, `POOL_REASONS`. */
import { NODE_REASONS } from './seinode-conditions.ts'
import { POOL_REASONS } from './seinodepool-conditions.ts'

export { NODE_REASONS, POOL_REASONS }

export type NodeConditionType = keyof typeof NODE_REASONS
export type PoolConditionType = keyof typeof POOL_REASONS

/** The reasons that a SeiNode's condition of type `T` may have. */
export type NodeReason<T extends NodeConditionType> = keyof (typeof NODE_REASONS)[T] & string

/** The reasons that a SeiNodePool's condition of type `T` may have. */
export type PoolReason<T extends PoolConditionType> = keyof (typeof POOL_REASONS)[T] & string

/** The meaning of each condition, by type, in the order of `kubectl describe`. */
export const NODE_CONDITIONS: Readonly<Record<NodeConditionType, string>> = {
  Ready: 'The node serves: bootstrapped, caught up, and its pod is Ready. The summary of all others.',
  SpecValid: 'The spec is valid in this cluster.',
  VolumeHealthy: "The node's PersistentVolumeClaim is bound and not being deleted.",
  VolumeSpace: 'The data volume has space left for some days. Ready does not depend on it.',
  VolumeGrowth: 'The data volume grows before it is full. Only with spec.storage.autoGrow.',
  Initialized: 'The bootstrap (status.initPlan) is complete for the volume in use.',
  SidecarReady: 'The sidecar responds and seid may start.',
  Reconciling: 'The operator is bringing the cluster to the spec. False if nothing is left to do, or if it is Stalled.',
  Stalled:
    'The operator cannot bring the cluster to the spec by itself: a person is needed, and the message says what to do. It turns False by itself when the cause is gone.',
  UpgradesHealthy:
    'The spec has the upgrades that the chain votes for, with images that can be pulled. Only on nodes that an upgrade concerns.',
  RuntimeTasksHealthy: 'Recurring tasks (uploads, exports) succeed.',
  Paused: 'spec.paused keeps the operator from changing anything.',
}

export const POOL_CONDITIONS: Readonly<Record<PoolConditionType, string>> = {
  Ready: 'Every node of the pool is Ready. The summary of all others.',
  SpecValid: 'The spec is valid in this cluster.',
  GenesisComplete: 'The genesis ceremony is over and its files are on the shared volume.',
  NodesPrepared: "Every node's volume holds its validator's files.",
  NodesReady: 'Every node exists and is Ready.',
  VolumeGrowth: 'The data volumes grow before they are full. Only with spec.storage.autoGrow.',
  Reconciling: 'The operator is bringing the cluster to the spec. False if nothing is left to do, or if it is Stalled.',
  Stalled:
    'The operator cannot bring the cluster to the spec by itself: a person is needed, and the message says what to do. It turns False by itself when the cause is gone.',
  Paused: 'spec.paused keeps the operator from changing anything.',
}
