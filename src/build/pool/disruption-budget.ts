/** How many of a pool's validators a drain of cluster nodes may stop at once: `buildDisruptionBudget`. */
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import { ORDINAL_LABEL, POOL_LABEL } from '../../api/names.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { withAppliedHash } from '../applied-hash.ts'
import { policyMetadata } from './policy-metadata.ts'
import { tolerableLosses } from './quorum.ts'

/**
 * One budget for the pool. Of fewer than four validators none can be spared; a drain that never ends would be worse than a
 * chain that waits for its pod, so one may go even then.
 */
export function buildDisruptionBudget(pool: SeiNodePool): PodDisruptionBudget {
  const { name } = pool.metadata
  const { nodeCount } = pool.spec.nodeConfiguration
  return withAppliedHash<PodDisruptionBudget>({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: policyMetadata(pool),
    spec: {
      maxUnavailable: Math.max(1, tolerableLosses(nodeCount)),
      selector: {
        matchLabels: { [POOL_LABEL]: name },
        matchExpressions: [{ key: ORDINAL_LABEL, operator: 'Exists' }],
      },
      // A pod that is not ready holds no quorum up, and must not hold up a drain.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  })
}
