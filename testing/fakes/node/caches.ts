/** What the fake node knows of the cluster: `Caches` follows bound pods, claims and storage classes. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import type { KubeClient } from '../../../src/kube/client.ts'
import { persistentVolumeClaims, pods, storageClasses } from '../../../src/kube/resources.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import { Informer } from '../../../src/runtime/informer.ts'
import type { Logger } from '../../../src/runtime/log.ts'

export interface CachesOptions {
  readonly client: KubeClient
  readonly namespaces?: readonly string[] | undefined
  readonly log: Logger
  readonly clock: Clock
}

export class Caches {
  /** Pods appear here when the scheduler has bound them. */
  readonly pods: Informer<Pod>
  readonly claims: Informer<PersistentVolumeClaim>
  readonly classes: Informer<StorageClass>

  constructor({ client, namespaces = [], log, clock }: CachesOptions) {
    const common = { client, namespaces, log, clock }
    this.pods = new Informer<Pod>({ ...common, resource: pods, fieldSelector: 'spec.nodeName!=' })
    this.claims = new Informer<PersistentVolumeClaim>({ ...common, resource: persistentVolumeClaims })
    this.classes = new Informer<StorageClass>({ ...common, resource: storageClasses })
  }

  /** Resolves once everything that there is is known. */
  get synced(): Promise<unknown> {
    return Promise.all([this.pods.synced, this.claims.synced, this.classes.synced])
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.pods.run(signal), this.claims.run(signal), this.classes.run(signal)])
  }
}
