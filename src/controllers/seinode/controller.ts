/** Wires the SeiNode controller: which objects it follows, and which node a change of each concerns: `seiNodeController`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import type { PersistentVolumeClaim, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { CONSENSUS_ADDRESS_LABEL, NODE_LABEL, UPGRADE_POD_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { KubeObject } from '../../kube/types.ts'
import { isEqualJson } from '../../lib/equal-json.ts'
import { Controller, type ControllerOptions, type ReconcileResult } from '../../runtime/controller.ts'
import type { Informer } from '../../runtime/informer.ts'
import { keyOf } from '../../runtime/object-key.ts'
import { specOrMetadataChanged } from '../../runtime/predicates.ts'
import type { Change } from '../../runtime/store.ts'
import { FailedReconciles } from '../shared/failures.ts'
import type { PodCalls, PodCallsFor } from '../shared/pods/pod-calls.ts'
import { rolloutChanged } from '../shared/pods/pod-state.ts'
import { classChanged } from '../shared/claims/claims.ts'
import { dataVolumeKey } from './children/data-volume.ts'
import type { NodeDependencies } from './dependencies.ts'
import { registerKeyMetrics } from './keys/key-lease.ts'
import { NodeLocalStates } from './local-state.ts'
import { selectionOf } from './children/network-policy.ts'
import { reconcileNode } from './reconcile.ts'
import { reportNodeFailure } from './report-failure.ts'

export interface NodeInformers {
  readonly nodes: Informer<SeiNode>
  /** Selected by the node label, as the next three. */
  readonly dataVolumes: Informer<PersistentVolumeClaim>
  readonly services: Informer<Service>
  readonly statefulSets: Informer<StatefulSet>
  readonly pods: Informer<Pod>
  /** Those that pull the image of the next upgrade. */
  readonly upgradePods: Informer<Pod>
  readonly networkPolicies: Informer<NetworkPolicy>
  readonly storageClasses: Informer<StorageClass>
  /** Selected by the pool label. */
  readonly poolVolumes: Informer<PersistentVolumeClaim>
  /** Those with the label of a consensus address, in the operator's namespace. */
  readonly keyLeases: Informer<Lease>
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
  const { nodes, dataVolumes, poolVolumes, services, statefulSets, pods, networkPolicies, storageClasses, keyLeases } =
    informers
  const { upgradePods } = informers
  const nodesOfKey = nodes.store.index(({ status }) => (status?.validator ? [status.validator.consensusAddress] : []))
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
      upgradePods: upgradePods.store,
      networkPolicies: networkPolicies.store,
      policiesBySelection: networkPolicies.store.index(policy => [selectionOf(policy)]),
      storageClasses: storageClasses.store,
      keyLeases: keyLeases.store,
      leasesOfHolder: keyLeases.store.index(({ spec }) => (spec?.holderIdentity ? [spec.holderIdentity] : [])),
      nodesOfKey,
    },
  }
  const localStates = new NodeLocalStates()
  const failed = new FailedReconciles(rest.clock)
  const controller = new Controller({
    name: 'seinode',
    reconcile: async (key, { signal, outside }): Promise<ReconcileResult> => {
      const ours = { ...dependencies, ...callsFor(outside) }
      const requeue = await failed.watch(
        key,
        () => reconcileNode(key, localStates, ours, signal),
        failure => reportNodeFailure(key, failure, ours, signal),
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
  controller.watch(nodes, node => [keyOf(node)], specOrMetadataChanged)
  controller.watch(statefulSets, labelledNode, rolloutChanged)
  // By the name of the claim: one that `genesis.pvc` names has the label of a pool, or of an earlier node.
  const usersOf = (claim: Readonly<PersistentVolumeClaim>): readonly string[] =>
    dependencies.stores.nodesOnVolume(keyOf(claim)).map(keyOf)
  controller.watch(dataVolumes, usersOf)
  controller.watch(poolVolumes, usersOf)
  controller.watch(services, labelledNode)
  controller.watch(pods, labelledNode)
  controller.watch(upgradePods, object => labelledNode(object, UPGRADE_POD_LABEL))
  // A policy concerns the one node that it names, or all of its namespace.
  const nodesBySelection = nodes.store.index(node => [keyOf(node), `${node.metadata.namespace}/`])
  controller.watch(networkPolicies, policy => nodesBySelection(selectionOf(policy)).map(keyOf))
  // Which nodes a class concerns depends on their claims; it changes so seldom that all are reconciled.
  controller.watch(storageClasses, () => [...nodes.store.values()].map(keyOf), classChanged)
  controller.watch(keyLeases, lease => nodesOfKey(lease.metadata?.labels?.[CONSENSUS_ADDRESS_LABEL] ?? '').map(keyOf))
  // Who has a key concerns the other nodes that have it.
  controller.watch(nodes, node => othersOfKey(node).map(keyOf), keyChanged)
  registerKeyMetrics(metrics.registry, nodes.store)
  return controller

  function othersOfKey(node: Readonly<SeiNode>): readonly Readonly<SeiNode>[] {
    const address = node.status?.validator?.consensusAddress
    return address === undefined ? [] : nodesOfKey(address).filter(other => other.metadata.uid !== node.metadata.uid)
  }
}

function keyChanged(change: Change<SeiNode>): boolean {
  return (
    change.type !== 'updated' ||
    !isEqualJson(change.previous.status?.validator ?? {}, change.object.status?.validator ?? {})
  )
}

function labelledNode(object: Readonly<KubeObject>, label = NODE_LABEL): readonly string[] {
  const { namespace, labels } = object.metadata ?? {}
  const name = labels?.[label]
  return name === undefined ? [] : [`${namespace}/${name}`]
}
