/** What the SeiNodePool controller works with: `PoolDependencies`. Everything that is not pure comes in here. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { PlatformConfig } from '../../build/platform.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { EventSink } from '../../runtime/events.ts'
import type { Store } from '../../runtime/store.ts'
import type { ChainView } from '../shared/chain/observer.ts'
import type { RolloutGate } from '../shared/rollout-gate.ts'
import type { VolumeView } from '../shared/volumes/observer.ts'
import type { VerifiedChildren } from '../shared/children/verified-children.ts'

/** Caches of what the API server holds. */
export interface PoolStores {
  readonly pools: Store<SeiNodePool>
  /** All SeiNodes, those of no pool included. */
  readonly nodes: Store<SeiNode>
  /** Only those with the pool label, as the next two. */
  readonly volumes: Store<PersistentVolumeClaim>
  readonly jobs: Store<Job>
  readonly disruptionBudgets: Store<PodDisruptionBudget>
  /** All, those of SeiNodes and of others included. */
  readonly networkPolicies: Store<NetworkPolicy>
  /** Pods of pools' Jobs. */
  readonly jobPods: Store<Pod>
  /** Pods of SeiNodes. */
  readonly nodePods: Store<Pod>
  readonly storageClasses: Store<StorageClass>
}

export interface PoolDependencies {
  readonly client: KubeClient
  readonly stores: PoolStores
  readonly chain: ChainView
  readonly volumes: VolumeView
  /** The image of this operator; rejects while the API server, which knows it, cannot be reached. */
  readonly operatorImage: (signal: AbortSignal) => Promise<string>
  readonly platform: PlatformConfig
  readonly gate: RolloutGate
  readonly events: EventSink
  readonly clock: Clock
  /** What earlier reconciles of the pool found. */
  readonly verified: VerifiedChildren
}
