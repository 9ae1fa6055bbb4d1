/** What the SeiNode controller works with: `NodeDependencies`. Everything that is not pure comes in here. */
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import type { PersistentVolumeClaim, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { PlatformConfig } from '../../build/platform.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { PeerResolver } from '../../peers/resolve-peers.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { EventSink } from '../../runtime/events.ts'
import type { Index, Store } from '../../runtime/store.ts'
import type { ChainView } from '../shared/chain/observer.ts'
import type { ConfirmedDialer } from '../shared/pods/pod-calls.ts'
import type { RolloutGate } from '../shared/rollout-gate.ts'
import type { VolumeView } from '../shared/volumes/observer.ts'

/** Caches of what the API server holds: `dataVolumes`, `services`, `statefulSets` and `pods` only what carries the node label. */
export interface NodeStores {
  readonly nodes: Store<SeiNode>
  /** Those that name the claim of that key (`dataVolumeKey`). */
  readonly nodesOnVolume: Index<SeiNode>
  readonly dataVolumes: Store<PersistentVolumeClaim>
  /** Those that pools made for their nodes, which carry the pool label instead. */
  readonly poolVolumes: Store<PersistentVolumeClaim>
  readonly services: Store<Service>
  readonly statefulSets: Store<StatefulSet>
  readonly pods: Store<Pod>
  /** Those that pull the image of the next upgrade. */
  readonly upgradePods: Store<Pod>
  /** All, those that others made included. */
  readonly networkPolicies: Store<NetworkPolicy>
  /** By what they can select (`selectionOf`). */
  readonly policiesBySelection: Index<NetworkPolicy>
  readonly storageClasses: Store<StorageClass>
  /** Those that reserve consensus keys, in the operator's namespace. */
  readonly keyLeases: Store<Lease>
  /** By the identity of their holder (`holderIdentity`). */
  readonly leasesOfHolder: Index<Lease>
  /** By the consensus address in their status. */
  readonly nodesOfKey: Index<SeiNode>
}

/** Where consensus keys are reserved, and for whom. */
export interface Reservations {
  /** The operator's. */
  readonly namespace: string
  /** The namespaces whose nodes this operator sees; empty: all. */
  readonly watched: readonly string[]
}

export interface NodeDependencies {
  readonly client: KubeClient
  readonly stores: NodeStores
  readonly dialSidecar: ConfirmedDialer
  readonly peers: PeerResolver
  readonly platform: PlatformConfig
  readonly chain: ChainView
  readonly volumes: VolumeView
  readonly gate: RolloutGate
  readonly reservations: Reservations
  readonly events: EventSink
  readonly clock: Clock
  /** A random UUID; ids of plans. */
  readonly newID: () => string
}
