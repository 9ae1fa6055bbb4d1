/** The PodDisruptionBudget that limits how many validators of a pool a drain stops: `buildDisruptionBudget`. */
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import { POOL_JOB_LABEL } from '../../api/names.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { withAppliedHash } from '../applied-hash.ts'
import { validatorSelector } from '../labels.ts'
import { policyMetadata } from './policy-metadata.ts'
import { tolerableLosses } from './quorum.ts'

/**
 * One budget for the pool. A chain of fewer than four validators halts without one of them. A drain may stop one even then,
 * because a drain that never ends is worse than a chain that waits for its pod.
 */
export function buildDisruptionBudget(pool: SeiNodePool): PodDisruptionBudget {
  const validators = validatorSelector(pool.metadata.name)
  const { nodeCount } = pool.spec.nodeConfiguration
  return withAppliedHash<PodDisruptionBudget>({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: policyMetadata(pool),
    spec: {
      maxUnavailable: Math.max(1, tolerableLosses(nodeCount)),
      selector: {
        ...validators,
        // The controller of budgets counts no pods of Jobs, and a budget that selects one has no effect.
        matchExpressions: [...(validators.matchExpressions ?? []), { key: POOL_JOB_LABEL, operator: 'DoesNotExist' }],
      },
      // A pod that is not ready does not vote, so evicting it costs nothing.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  })
}
