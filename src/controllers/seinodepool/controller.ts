/** Wires the SeiNodePool controller: which objects it follows, and which pool a change of each concerns: `seiNodePoolController`. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { POOL_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { KubeObject } from '../../kube/types.ts'
import { Controller, type ControllerOptions, type ReconcileResult } from '../../runtime/controller.ts'
import type { Informer } from '../../runtime/informer.ts'
import { keyOf } from '../../runtime/object-key.ts'
import { specOrMetadataChanged } from '../../runtime/predicates.ts'
import { FailedReconciles } from '../shared/failures.ts'
import { LocalStates } from '../shared/local-state.ts'
import { VerifiedChildren } from '../shared/children/verified-children.ts'
import { classChanged } from '../shared/claims/claims.ts'
import type { PoolDependencies } from './dependencies.ts'
import { reconcilePool } from './reconcile.ts'
import { reportPoolFailure } from './report-failure.ts'

export interface PoolInformers {
  readonly pools: Informer<SeiNodePool>
  readonly nodes: Informer<SeiNode>
  /** Selected by the pool label, as the next two. */
  readonly poolVolumes: Informer<PersistentVolumeClaim>
  readonly jobs: Informer<Job>
  readonly disruptionBudgets: Informer<PodDisruptionBudget>
  /** Not selected: those of all owners. */
  readonly networkPolicies: Informer<NetworkPolicy>
  /** Selected by the label of pools' Jobs. */
  readonly jobPods: Informer<Pod>
  /** Pods of SeiNodes. */
  readonly pods: Informer<Pod>
  readonly storageClasses: Informer<StorageClass>
}

export type PoolControllerOptions = Omit<PoolDependencies, 'stores' | 'verified'> & {
  readonly informers: PoolInformers
} & Pick<ControllerOptions, 'log' | 'metrics' | 'concurrency'>

export function seiNodePoolController({
  informers,
  log,
  metrics,
  concurrency,
  ...rest
}: PoolControllerOptions): Controller {
  const { pools, nodes, poolVolumes, jobs, networkPolicies, disruptionBudgets, jobPods, pods, storageClasses } =
    informers
  const dependencies: Omit<PoolDependencies, 'verified'> = {
    ...rest,
    stores: {
      pools: pools.store,
      nodes: nodes.store,
      volumes: poolVolumes.store,
      jobs: jobs.store,
      networkPolicies: networkPolicies.store,
      disruptionBudgets: disruptionBudgets.store,
      jobPods: jobPods.store,
      nodePods: pods.store,
      storageClasses: storageClasses.store,
    },
  }
  const failed = new FailedReconciles(rest.clock)
  const localStates = new LocalStates(() => new VerifiedChildren())
  const controller = new Controller({
    name: 'seinodepool',
    reconcile: async (key, { signal }): Promise<ReconcileResult> => {
      const requeue = await failed.watch(
        key,
        () => reconcilePool(key, localStates, dependencies, signal),
        failure => reportPoolFailure(key, failure, localStates, dependencies, signal),
        signal,
      )
      return requeue ?? {}
    },
    log,
    metrics,
    clock: rest.clock,
    ...(concurrency === undefined ? {} : { concurrency }),
  })
  // Our own status writes concern nobody.
  controller.watch(pools, pool => [keyOf(pool)], specOrMetadataChanged)
  controller.watch(nodes, labelledPool)
  controller.watch(poolVolumes, labelledPool)
  controller.watch(jobs, labelledPool)
  controller.watch(networkPolicies, labelledPool)
  controller.watch(disruptionBudgets, labelledPool)
  controller.watch(jobPods, labelledPool)
  // Which pools a class concerns depends on their claims; it changes so seldom that all are reconciled.
  controller.watch(storageClasses, () => [...pools.store.values()].map(keyOf), classChanged)
  return controller
}

function labelledPool(object: Readonly<KubeObject>): readonly string[] {
  const { namespace, labels } = object.metadata ?? {}
  const name = labels?.[POOL_LABEL]
  return name === undefined ? [] : [`${namespace}/${name}`]
}
