/** The writes to the SeiNodePool itself: `poolWriter`. */
import { POOL_FINALIZER } from '../../api/names.ts'
import { seiNodePools } from '../../api/resources.ts'
import type { SeiNodePoolStatus } from '../../api/seinodepool-status.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { ObjectWriter } from '../shared/write-object.ts'
import type { PoolDependencies } from './dependencies.ts'

export function poolWriter({ client, stores }: PoolDependencies): ObjectWriter<SeiNodePoolStatus, SeiNodePool> {
  return new ObjectWriter<SeiNodePoolStatus, SeiNodePool>(
    seiNodePools,
    POOL_FINALIZER,
    { phase: 'Pending' },
    client,
    stores.pools,
  )
}
