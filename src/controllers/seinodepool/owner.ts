/** A SeiNodePool as the owner of its objects, and the writes to the SeiNodePool itself: `poolOwner`, `poolWriter`. */
import { API_VERSION, POOL_FINALIZER, POOL_LABEL } from '../../api/names.ts'
import { seiNodePools } from '../../api/resources.ts'
import type { SeiNodePoolStatus } from '../../api/seinodepool-status.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { Owner } from '../shared/children/ownership.ts'
import { ObjectWriter } from '../shared/write-object.ts'
import type { PoolDependencies } from './dependencies.ts'

/** Retained volumes have no owner reference. Those of its nodes stay its own when somebody takes their labels away. */
export function poolOwner({ metadata, status }: SeiNodePool): Owner {
  const known = (status?.nodes ?? []).flatMap(({ dataVolumeUID }) => dataVolumeUID ?? [])
  return { apiVersion: API_VERSION, kind: 'SeiNodePool', metadata, label: POOL_LABEL, known }
}

export function poolWriter({ client, stores }: PoolDependencies): ObjectWriter<SeiNodePoolStatus, SeiNodePool> {
  return new ObjectWriter<SeiNodePoolStatus, SeiNodePool>(
    seiNodePools,
    POOL_FINALIZER,
    { phase: 'Pending' },
    client,
    stores.pools,
  )
}
