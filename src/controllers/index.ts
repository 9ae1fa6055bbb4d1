/** The one list of all controllers, with the informers that they share: `createControllers`. */
import { NODE_LABEL, POOL_JOB_LABEL, POOL_LABEL } from '../api/names.ts'
import { seiNodePools, seiNodes } from '../api/resources.ts'
import { podTemplateRevision } from '../build/pod-template-revision.ts'
import type { PlatformConfig } from '../build/platform.ts'
import type { KubeClient } from '../kube/client.ts'
import {
  jobs,
  networkPolicies,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  services,
  statefulSets,
  storageClasses,
} from '../kube/resources.ts'
import type { KubeObject, Resource } from '../kube/types.ts'
import type { PeerResolver } from '../peers/resolve-peers.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Controller } from '../runtime/controller.ts'
import type { EventSink } from '../runtime/events.ts'
import { Informer } from '../runtime/informer.ts'
import { Lane } from '../runtime/lane.ts'
import type { Logger } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { StatusProbe } from '../seid/rpc.ts'
import type { SidecarDialer } from '../sidecar/client.ts'
import { seiNodeController } from './seinode/controller.ts'
import { seiNodePoolController } from './seinodepool/controller.ts'
import { podCalls } from './shared/pod-calls.ts'

export interface ControllersOptions {
  readonly client: KubeClient
  readonly dialSidecar: SidecarDialer
  readonly peers: PeerResolver
  readonly askSeid: StatusProbe
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
  /** Keys that each controller works on at once. */
  readonly concurrency: number
}

/** What a manager has to run. */
export interface Controllers {
  readonly informers: readonly Pick<Informer<KubeObject>, 'resource' | 'hasSynced' | 'synced' | 'run' | 'relist'>[]
  readonly controllers: readonly Controller[]
}

export function createControllers(options: ControllersOptions): Controllers {
  const { namespaces, dialSidecar, askSeid, peers, ...rest } = options
  const lane = new Lane({ clock: options.clock })
  options.metrics.lane(lane)
  const callsFor = podCalls({ dialSidecar, askSeid, peers }, lane)
  const shared = { ...rest, callsFor, templateRevision: podTemplateRevision(options.platform) }
  const informers = {
    nodes: inform(seiNodes),
    dataVolumes: inform(persistentVolumeClaims, NODE_LABEL),
    services: inform(services, NODE_LABEL),
    statefulSets: inform(statefulSets, NODE_LABEL),
    pods: inform(pods, NODE_LABEL),
    // Which no Role can give an operator of some namespaces.
    storageClasses: inform(storageClasses, undefined, namespaces.length > 0),
    pools: inform(seiNodePools),
    poolVolumes: inform(persistentVolumeClaims, POOL_LABEL),
    jobs: inform(jobs, POOL_LABEL),
    jobPods: inform(pods, POOL_JOB_LABEL),
    networkPolicies: inform(networkPolicies, POOL_LABEL),
    disruptionBudgets: inform(podDisruptionBudgets, POOL_LABEL),
  }
  return {
    informers: Object.values(informers),
    controllers: [seiNodeController({ ...shared, informers }), seiNodePoolController({ ...shared, informers })],
  }

  function inform<T extends KubeObject>(
    resource: Resource<T>,
    labelSelector?: string,
    isOptional = false,
  ): Informer<T> {
    const { client, log, clock, metrics } = options
    return new Informer({
      client,
      resource,
      namespaces,
      isOptional,
      log,
      clock,
      onFailure: metrics.watchRestarts(resource.plural),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    })
  }
}
