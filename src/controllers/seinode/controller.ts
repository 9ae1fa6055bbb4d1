/** Wires the SeiNode controller: which objects it follows, and which node a change of each concerns: `seiNodeController`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { NODE_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { Controller, type ControllerOptions, type ReconcileResult } from '../../runtime/controller.ts'
import type { Informer } from '../../runtime/informer.ts'
import { keyOf } from '../../runtime/keys.ts'
import { specOrMetadataChanged } from '../../runtime/predicates.ts'
import type { KubeObject } from '../../kube/types.ts'
import { rolloutChanged } from '../shared/current-pod.ts'
import { classChanged } from '../shared/volume.ts'
import { dataVolumeKey } from './data-volume.ts'
import type { PodCalls, PodCallsFor } from '../shared/pod-calls.ts'
import type { NodeDependencies } from './dependencies.ts'
import { NodeMemories } from './memory.ts'
import { reconcileNode } from './reconcile.ts'

export interface NodeInformers {
  readonly nodes: Informer<SeiNode>
  /** Selected by the node label, as the next three. */
  readonly dataVolumes: Informer<PersistentVolumeClaim>
  readonly services: Informer<Service>
  readonly statefulSets: Informer<StatefulSet>
  readonly pods: Informer<Pod>
  readonly storageClasses: Informer<StorageClass>
  /** Selected by the pool label. */
  readonly poolVolumes: Informer<PersistentVolumeClaim>
}

export type NodeControllerOptions = Omit<NodeDependencies, 'stores' | keyof PodCalls> & {
  readonly informers: NodeInformers
  readonly callsFor: PodCallsFor
} & Pick<ControllerOptions, 'log' | 'metrics' | 'concurrency'>

export function seiNodeController({
  informers,
  callsFor,
  log,
  metrics,
  concurrency,
  ...rest
}: NodeControllerOptions): Controller {
  const { nodes, dataVolumes, poolVolumes, services, statefulSets, pods, storageClasses } = informers
  const dependencies: Omit<NodeDependencies, keyof PodCalls> = {
    ...rest,
    stores: {
      nodes: nodes.store,
      nodesOnVolume: nodes.store.index(node => [dataVolumeKey(node)]),
      dataVolumes: dataVolumes.store,
      poolVolumes: poolVolumes.store,
      services: services.store,
      statefulSets: statefulSets.store,
      pods: pods.store,
      storageClasses: storageClasses.store,
    },
  }
  const memories = new NodeMemories()
  const controller = new Controller({
    name: 'seinode',
    reconcile: async (key, { signal, outside }): Promise<ReconcileResult> =>
      (await reconcileNode(key, memories, { ...dependencies, ...callsFor(outside) }, signal)) ?? {},
    log,
    metrics,
    clock: rest.clock,
    ...(concurrency === undefined ? {} : { concurrency }),
  })
  // Our own status writes concern nobody.
  controller.watch(nodes, node => [keyOf(node)], specOrMetadataChanged)
  controller.watch(statefulSets, labelledNode, rolloutChanged)
  controller.watch(dataVolumes, labelledNode)
  controller.watch(services, labelledNode)
  controller.watch(pods, labelledNode)
  // Which nodes a class concerns depends on their claims; it changes so seldom that all may look.
  controller.watch(storageClasses, () => [...nodes.store.values()].map(keyOf), classChanged)
  return controller
}

function labelledNode(object: Readonly<KubeObject>): readonly string[] {
  const { namespace, labels } = object.metadata ?? {}
  const name = labels?.[NODE_LABEL]
  return name === undefined ? [] : [`${namespace}/${name}`]
}
