/** What guards a pool's nodes: its NetworkPolicy and its PodDisruptionBudget: `applyPolicies`. */
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { buildDisruptionBudget } from '../../build/pool/disruption-budget.ts'
import { poolNames } from '../../build/pool/names.ts'
import { buildPoolNetworkPolicy } from '../../build/pool/network-policy.ts'
import { networkPolicies, podDisruptionBudgets } from '../../kube/resources.ts'
import { applyChild, type ChildProblem, problemOf } from '../shared/children/apply-child.ts'
import { sidecarPortOf } from '../shared/pods/pod-state.ts'
import type { PoolDependencies } from './dependencies.ts'
import type { PoolMember } from './nodes/members.ts'
import { poolOwner } from './owner.ts'

/** @returns the first that is not as it should be, and why */
export async function applyPolicies(
  pool: SeiNodePool,
  members: readonly Pick<PoolMember, 'pod'>[],
  { client, stores, platform, verified }: PoolDependencies,
  signal: AbortSignal,
): Promise<ChildProblem | undefined> {
  const owner = poolOwner(pool)
  const { policy: name } = poolNames(pool)
  // A pod that has yet to be replaced listens where it was told to.
  const sidecarPorts = members.flatMap(({ pod }) => (pod && sidecarPortOf(pod)) ?? [])
  const states = await Promise.all([
    applyChild(
      client,
      owner,
      {
        resource: networkPolicies,
        store: stores.networkPolicies,
        name,
        verified,
        build: () => buildPoolNetworkPolicy(pool, platform, sidecarPorts),
      },
      signal,
    ),
    applyChild(
      client,
      owner,
      {
        resource: podDisruptionBudgets,
        store: stores.disruptionBudgets,
        name,
        verified,
        build: () => buildDisruptionBudget(pool),
      },
      signal,
    ),
  ])
  const [ofPolicy, ofBudget] = states
  return problemOf(ofPolicy) ?? problemOf(ofBudget)
}
