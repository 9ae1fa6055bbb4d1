/** The end of a SeiNodePool: its nodes, then its Jobs, then its volumes by its policy, then its finalizer: `finalizePool`; what its status says meanwhile: `reportTerminating`. */
import { reportPool } from './status.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { POOL_LABEL } from '../../api/names.ts'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { childNames } from '../../build/names.ts'
import { poolNames } from '../../build/pool/names.ts'
import { jobs, networkPolicies, podDisruptionBudgets } from '../../kube/resources.ts'
import { findCondition } from '../../lib/conditions.ts'
import { nextToStop } from '../../plan/pool/stop-order.ts'
import type { Requeue } from '../shared/requeue.ts'
import { deleteObject, deleteOwn, isTerminating, terminatingStatus } from '../shared/deletion.ts'
import { isOwn } from '../shared/children/ownership.ts'
import type { PoolDependencies } from './dependencies.ts'
import { type PoolFinding, poolCondition, poolProgress } from '../shared/conditions.ts'
import { poolOwner, poolWriter } from './owner.ts'
import { ownJobs, podsOf } from './jobs/run-job.ts'
import { claimsInUse, isStalled, isStopping, type Remainder, stallMessage } from './deletion-wait.ts'
import { isRetained, keepVolumes, removeVolumes } from './volumes/volumes.ts'

/** Watches tell of what goes; this is for a watch that is behind. */
const CHECK_MS = 5_000

/** Each takes a request. */
const STALLED_CHECK_MS = 30_000

/**
 * Nothing is created any more. A volume goes only after everything that may write to it. Reads nothing of the spec but
 * how many nodes there are and whether volumes stay: a broken spec never holds a deletion up. What does not go within a
 * deadline holds up only what it may need.
 * @returns when to reconcile again; undefined if a watch event triggers the next reconcile
 */
export async function finalizePool(
  pool: Readonly<SeiNodePool>,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<Requeue | undefined> {
  const writer = poolWriter(dependencies)
  if (!writer.hasFinalizer(pool)) return undefined
  const { client } = dependencies
  // First of all: a garbage collector may be at work already.
  await keepVolumes(pool, dependencies, signal)
  const nodes = await liveNodes(pool, dependencies, signal)
  const now = dependencies.clock.now()
  const standing = nodes.filter(node => !isTerminating(node))
  const podOf = (node: Readonly<SeiNode>): Readonly<Pod> | undefined =>
    dependencies.stores.nodePods.get(`${node.metadata.namespace}/${childNames(node).pod}`)
  const stopping = nodes.filter(node => isTerminating(node) && isStopping(node, podOf(node), now))
  const { nodeCount } = pool.spec.nodeConfiguration
  const due = isRetained(pool) ? nextToStop(nodeCount, standing, stopping.length) : standing
  await Promise.all(due.map(node => deleteObject(client, seiNodes, node, signal)))
  const running = ownJobs(pool, dependencies.stores)
  await Promise.all(
    running.filter(job => !isTerminating(job)).map(job => deleteObject(client, jobs, job, signal, 'Foreground')),
  )
  const going = [...nodes, ...running]
  if (going.length > 0 && !going.some(object => isStalled(object, now))) {
    const names = [...nodes.map(goingNode), ...running.map(({ metadata }) => metadata?.name)]
    const message = `waiting for the deletion of ${names.join(', ')}`
    await reportTerminating(pool, { reason: 'Terminating', message }, dependencies, signal)
    return { requeueAfterMs: CHECK_MS }
  }
  const remainder = { nodes, jobs: running }
  const latest = await removeUnused(pool, remainder, dependencies, signal)
  if (!latest) return undefined
  if (going.length === 0) {
    await writer.removeFinalizer(latest, signal)
    return undefined
  }
  const message = stallMessage(pool, remainder, job => podsOf(job, dependencies.stores.jobPods.values()), now)
  await reportTerminating(pool, { reason: 'DeletionStalled', message }, dependencies, signal)
  return { requeueAfterMs: STALLED_CHECK_MS }
}

/**
 * Deletes what nothing of the remainder needs: never a volume that a pod may write to, nor the NetworkPolicy before the
 * last pod is gone. A budget would only keep the machines of stalled nodes from being drained.
 * @returns the pool as the API server has it; undefined where it is gone
 */
async function removeUnused(
  pool: Readonly<SeiNodePool>,
  remainder: Remainder,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<Readonly<SeiNodePool> | undefined> {
  const { client, stores, clock } = dependencies
  const owner = poolOwner(pool)
  const { namespace = '', name, uid } = pool.metadata
  const policyKey = `${namespace}/${poolNames(pool).policy}`
  if (remainder.nodes.length === 0) {
    await deleteOwn(client, owner, networkPolicies, stores.networkPolicies.get(policyKey), signal)
  }
  if (remainder.nodes.every(node => isStalled(node, clock.now()))) {
    await deleteOwn(client, owner, podDisruptionBudgets, stores.disruptionBudgets.get(policyKey), signal)
  }
  // The last word on the volumes may be a moment old in the cache.
  const latest = await client.get(seiNodePools, { namespace, name }, { signal })
  if (!latest || latest.metadata.uid !== uid) return undefined
  if (isRetained(latest)) await keepVolumes(latest, dependencies, signal)
  else await removeVolumes(latest, claimsInUse(latest, remainder), dependencies, signal)
  return latest
}

/** The pool's own, never a node that only joined its network; the cache may be behind, so the API server is asked last. */
async function liveNodes(
  pool: SeiNodePool,
  { client, stores }: PoolDependencies,
  signal: AbortSignal,
): Promise<readonly Readonly<SeiNode>[]> {
  const { namespace = '', name } = pool.metadata
  const names = new Set(poolNames(pool).nodes.map(({ node }) => node))
  const ownOf = (nodes: Iterable<Readonly<SeiNode>>): readonly Readonly<SeiNode>[] =>
    [...nodes].filter(
      node => node.metadata.namespace === namespace && names.has(node.metadata.name) && isOwn(node, poolOwner(pool)),
    )
  const cached = ownOf(stores.nodes.values())
  if (cached.length > 0) return cached
  const { items } = await client.list(seiNodes, { namespace, labelSelector: `${POOL_LABEL}=${name}`, signal })
  return ownOf(items)
}

/** Its name, with what is in the way of its deletion. */
function goingNode({ metadata: { name }, status }: Readonly<SeiNode>): string {
  const progress = findCondition(status?.conditions, 'Reconciling')
  return progress?.reason === 'DeleteRefused' ? `${name} (${progress.message})` : name
}

/** @param progress what is waited for, or what is in the way */
export async function reportTerminating(
  pool: Readonly<SeiNodePool>,
  progress: PoolFinding<'Reconciling'>,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<void> {
  const conditions = [
    poolCondition('Ready', { reason: 'Terminating', message: 'the pool is being deleted' }),
    poolCondition('SpecValid', { reason: 'NotChecked', message: 'the pool is being deleted' }),
    ...poolProgress(progress),
  ]
  const status = terminatingStatus(pool, conditions, dependencies.clock.now())
  await reportPool(pool, status, {}, dependencies, signal)
}
