/** The one list of all controllers, with the informers that they share: `createControllers`. */
import type { AutoGrow } from '../api/auto-grow.ts'
import { CONSENSUS_ADDRESS_LABEL, NODE_LABEL, POOL_JOB_LABEL, POOL_LABEL, UPGRADE_POD_LABEL } from '../api/names.ts'
import { seiNodePools, seiNodes } from '../api/resources.ts'
import type { SeiNode } from '../api/seinode.ts'
import type { PlatformConfig } from '../build/platform.ts'
import type { KubeClient } from '../kube/client.ts'
import {
  jobs,
  leases,
  networkPolicies,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  services,
  statefulSets,
  storageClasses,
} from '../kube/resources.ts'
import type { KubeObject, Resource } from '../kube/types.ts'
import type { KubeletClient } from '../kubelet/stats.ts'
import type { PeerResolver } from '../peers/resolve-peers.ts'
import type { Clock } from '../runtime/clock.ts'
import type { EventSink } from '../runtime/events.ts'
import { cachedClaim } from './shared/claims/cached-claim.ts'
import { Informer } from '../runtime/informer.ts'
import { keyOf } from '../runtime/object-key.ts'
import { CallLimiter } from '../runtime/call-limiter.ts'
import type { Logger } from '../runtime/log.ts'
import type { ManagedController } from '../runtime/manager.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { SeidClient } from '../seid/rpc.ts'
import type { SidecarDialer } from '../sidecar/client.ts'
import { registerRolloutMetrics } from './metrics.ts'
import { seiNodeController } from './seinode/controller.ts'
import { registerStatusMetrics } from './seinode/status-metrics.ts'
import { seiNodePoolController } from './seinodepool/controller.ts'
import { registerNodeMetrics } from './shared/chain/metrics.ts'
import { ChainObserver } from './shared/chain/observer.ts'
import { podCalls } from './shared/pods/pod-calls.ts'
import { groupOf, poolOf, RolloutGate } from './shared/rollout-gate.ts'
import { registerVolumeMetrics } from './shared/volumes/metrics.ts'
import { VolumeObserver } from './shared/volumes/observer.ts'

export interface ControllersOptions {
  readonly client: KubeClient
  readonly dialSidecar: SidecarDialer
  readonly peers: PeerResolver
  readonly seid: SeidClient
  /** Between two questions to a seid, milliseconds. */
  readonly chainIntervalMs: number
  /** A validator that misses more than this share of the sampled blocks is reported as not signing, 0 to 1. */
  readonly missedShare: number
  readonly kubelets: KubeletClient
  /** Between two queries of a kubelet, milliseconds. 0: none is queried. */
  readonly volumeIntervalMs: number
  /** The image of this operator. */
  readonly operatorImage: (signal: AbortSignal) => Promise<string>
  readonly platform: PlatformConfig
  readonly events: EventSink
  readonly clock: Clock
  readonly newID: () => string
  readonly log: Logger
  readonly metrics: Metrics
  /** Empty: all. */
  readonly namespaces: readonly string[]
  /** Nodes of one chain and of no pool that the operator restarts at once. */
  readonly maxRestarting: number
  /** The operator's own, in which it reserves consensus keys. */
  readonly ownNamespace: string
  /** Keys that each controller works on at once. */
  readonly concurrency: number
}

/** What a manager has to run. */
export interface Controllers {
  readonly informers: readonly Pick<Informer<KubeObject>, 'resource' | 'hasSynced' | 'synced' | 'run' | 'relist'>[]
  /** The controllers, and what observes the chain and the volumes for them. */
  readonly controllers: readonly ManagedController[]
}

/** Queries of kubelets at once: an answer may have megabytes. */
const KUBELET_CALLS = 8

export function createControllers(options: ControllersOptions): Controllers {
  const { namespaces, maxRestarting, ownNamespace, dialSidecar, peers, ...more } = options
  const { seid, chainIntervalMs, missedShare, kubelets, volumeIntervalMs, ...rest } = more
  const limiter = new CallLimiter({ clock: options.clock })
  options.metrics.podCalls(limiter)
  const callsFor = podCalls({ dialSidecar, peers }, limiter)
  const informers = {
    nodes: inform(seiNodes),
    dataVolumes: inform(persistentVolumeClaims, NODE_LABEL, { transform: cachedClaim }),
    services: inform(services, NODE_LABEL),
    statefulSets: inform(statefulSets, NODE_LABEL),
    pods: inform(pods, NODE_LABEL),
    upgradePods: inform(pods, UPGRADE_POD_LABEL),
    // Whoever made them: which of them select a node's pod decides what the node's own has to allow.
    networkPolicies: inform(networkPolicies),
    // Which no Role can give an operator of some namespaces.
    storageClasses: inform(storageClasses, undefined, { isOptional: namespaces.length > 0 }),
    pools: inform(seiNodePools),
    poolVolumes: inform(persistentVolumeClaims, POOL_LABEL, { transform: cachedClaim }),
    jobs: inform(jobs, POOL_LABEL),
    jobPods: inform(pods, POOL_JOB_LABEL),
    disruptionBudgets: inform(podDisruptionBudgets, POOL_LABEL),
    keyLeases: inform(leases, CONSENSUS_ADDRESS_LABEL, { within: [ownNamespace] }),
  }
  const chain = new ChainObserver({
    nodes: informers.nodes.store,
    pods: informers.pods.store,
    seid,
    limiter,
    clock: options.clock,
    random: Math.random,
    intervalMs: chainIntervalMs,
    missedShare,
  })
  const volumes = new VolumeObserver({
    nodes: informers.nodes.store,
    pods: informers.pods.store,
    claim: key => informers.dataVolumes.store.get(key) ?? informers.poolVolumes.store.get(key),
    kubelets,
    limiter: new CallLimiter({ clock: options.clock, capacity: KUBELET_CALLS }),
    clock: options.clock,
    random: Math.random,
    intervalMs: volumeIntervalMs,
    growsAtPercent: node => autoGrowOf(node)?.whenUsedPercent,
  })
  const gate = new RolloutGate({
    nodesInGroup: informers.nodes.store.index(node => [groupOf(node)]),
    nodes: informers.nodes.store,
    pods: informers.pods.store,
    maxRestarting,
    chain,
    now: () => options.clock.now(),
  })
  registerRolloutMetrics(options.metrics.registry, () => gate.counts())
  registerNodeMetrics(options.metrics.registry, informers.nodes.store, chain)
  registerStatusMetrics(options.metrics.registry, {
    nodes: informers.nodes.store,
    pods: informers.pods.store,
    rolloutPhase: node => gate.phaseOf(node),
  })
  registerVolumeMetrics(options.metrics.registry, informers.nodes.store, volumes)
  const reservations = { namespace: ownNamespace, watched: namespaces }
  const nodes = seiNodeController({ ...rest, callsFor, chain, volumes, gate, reservations, informers })
  const pools = seiNodePoolController({ ...rest, chain, volumes, gate, informers })
  gate.wake = key => nodes.enqueue(key)
  volumes.wake = node => {
    nodes.enqueue(keyOf(node))
    const pool = poolOf(node)
    if (pool !== undefined && autoGrowOf(node)) pools.enqueue(`${node.metadata.namespace}/${pool}`)
  }
  chain.wake = node => {
    nodes.enqueue(keyOf(node))
    const pool = poolOf(node)
    if (pool !== undefined) pools.enqueue(`${node.metadata.namespace}/${pool}`)
  }
  return {
    informers: Object.values(informers),
    controllers: [nodes, pools, chain, volumes],
  }

  /** Of the pool, where the node has one: its claim is the pool's. */
  function autoGrowOf(node: Readonly<SeiNode>): AutoGrow | undefined {
    const pool = poolOf(node)
    const owner = pool === undefined ? node : informers.pools.store.get(`${node.metadata.namespace}/${pool}`)
    return owner?.spec.storage?.autoGrow
  }

  function inform<T extends KubeObject>(
    resource: Resource<T>,
    labelSelector?: string,
    {
      isOptional = false,
      within = namespaces,
      transform,
    }: { isOptional?: boolean; within?: readonly string[]; transform?: (object: T) => T } = {},
  ): Informer<T> {
    const { client, log, clock, metrics } = options
    return new Informer({
      client,
      resource,
      namespaces: within,
      isOptional,
      log,
      clock,
      onFailure: metrics.watchRestarts(resource.plural),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(transform === undefined ? {} : { transform }),
    })
  }
}
