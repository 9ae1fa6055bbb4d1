/** Metadata of a pool's NetworkPolicy and PodDisruptionBudget: `policyMetadata`. */
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { poolLabels } from '../labels.ts'
import { ownerReference } from '../owner-reference.ts'
import { poolNames } from './names.ts'

/** @throws TypeError where the pool has no UID yet */
export function policyMetadata(pool: SeiNodePool): ObjectMeta {
  const { namespace } = pool.metadata
  return {
    name: poolNames(pool).policy,
    ...(namespace === undefined ? {} : { namespace }),
    labels: poolLabels(pool),
    ownerReferences: [ownerReference('SeiNodePool', pool)],
  }
}
