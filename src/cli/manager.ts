/** The `manager` command, which creates and wires everything that is not pure: `runManager`. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { FIELD_MANAGER, LEASE_NAME } from '../api/names.ts'
import type { PlatformConfig } from '../build/platform.ts'
import { createControllers } from '../controllers/index.ts'
import { loadClusterConfig } from '../kube/config.ts'
import { createKubeClient } from '../kube/http-client.ts'
import { configMaps, pods } from '../kube/resources.ts'
import { kubeletClient } from '../kubelet/stats.ts'
import { createInstanceLister } from '../peers/instances.ts'
import { fetchNodeID } from '../peers/node-id.ts'
import { createPeerResolver } from '../peers/resolve-peers.ts'
import { systemClock } from '../runtime/clock.ts'
import { EventRecorder } from '../runtime/events.ts'
import { collectWhenIdle } from '../runtime/idle-collection.ts'
import { LeaderElector, leaderIdentity } from '../runtime/leader-election.ts'
import { createLogger } from '../runtime/log.ts'
import { Manager, type MetricsSecurity } from '../runtime/manager.ts'
import { Metrics } from '../runtime/metrics.ts'
import { ScrapeGuard, type ScrapeGuardOptions } from '../runtime/scrape-guard.ts'
import { parseBindAddress } from '../runtime/server.ts'
import { certificateFiles, ownCertificate } from '../runtime/serving-certificate.ts'
import { seidClient } from '../seid/rpc.ts'
import { createSidecarDialer } from '../sidecar/http-client.ts'
import { allowGrowth, fullCollection } from './heap.ts'
import type { ManagerOptions } from './manager-options.ts'
import { ownImage } from './own-image.ts'
import { settingsPublisher } from './published-settings.ts'
import { VERSION } from './version.ts'

/** The operator's requests to the API server, so that every metric series exists from the start. */
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'apply', 'delete'] as const
const RESOURCES = [
  'seinodes.sei.io',
  'seinodepools.sei.io',
  'statefulsets.apps',
  'services',
  'persistentvolumeclaims',
  'pods',
  'storageclasses.storage.k8s.io',
  'jobs.batch',
  'networkpolicies.networking.k8s.io',
  'poddisruptionbudgets.policy',
  'configmaps',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  'tokenreviews.authentication.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
] as const

/**
 * Runs until `signal` is aborted, then stops in order. Rejects when the cluster's configuration is unusable, an address
 * is taken, or leadership was lost.
 */
export async function runManager(
  options: ManagerOptions,
  platform: PlatformConfig,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  const clock = systemClock
  const log = createLogger({ level: options.logLevel, format: options.logFormat })
  const metrics = new Metrics()
  metrics.declareRequests(VERBS, RESOURCES)
  const { kubeconfig, context } = options
  const config = await loadClusterConfig({ kubeconfig, context, env })
  const asClient = {
    userAgent: `sei-k8s-controller/${VERSION}`,
    onRequest: (report: Parameters<Metrics['request']>[0]) => metrics.request(report),
  }
  const client = createKubeClient(config, asClient)
  // Renewals must not wait for connections that reconciles occupy while a webhook is slow.
  const leaseClient = createKubeClient(config, { ...asClient, maxSockets: 2 })
  const dialSidecar = createSidecarDialer()
  const peers = createPeerResolver({
    listInstances: createInstanceLister(),
    fetchNodeID,
    now: () => clock.now(),
  })
  const identity = leaderIdentity(hostname(), randomUUID())
  const events = new EventRecorder({
    client,
    controller: 'sei.io/sei-k8s-controller',
    instance: identity,
    log,
    clock,
    onOutcome: outcome => metrics.event(outcome),
  })
  const ownNamespace = options.leaderElectionNamespace ?? config.namespace
  const operatorImage = ownImage(
    (key, within) => client.get(pods, key, { signal: within }),
    env,
    platform.operatorImage,
  )
  const { namespaces } = options
  const { informers, controllers } = createControllers({
    client,
    dialSidecar,
    peers,
    seid: seidClient,
    chainIntervalMs: options.chainInterval,
    missedShare: options.missedShare,
    kubelets: kubeletClient({
      config,
      monotonic: () => clock.monotonic(),
      isInsecure: options.kubeletInsecureTls,
    }),
    volumeIntervalMs: options.volumeInterval,
    operatorImage,
    platform,
    events,
    clock,
    newID: randomUUID,
    log,
    metrics,
    namespaces,
    maxRestarting: options.maxRestarting,
    ownNamespace,
    concurrency: options.concurrency,
  })
  const publisher = settingsPublisher({
    apply: (configMap, within) =>
      client.apply(configMaps, configMap, { fieldManager: FIELD_MANAGER, force: true, signal: within }),
    namespace: ownNamespace,
    namespaces,
    platform,
    operatorImage,
    clock,
    log,
  })
  const leaderElection = options.leaderElect
    ? new LeaderElector({
        client: leaseClient,
        lease: { namespace: ownNamespace, name: LEASE_NAME },
        identity,
        clock,
        log,
        onLeading: metrics.leader(LEASE_NAME),
        onRestored: () => informers.forEach(informer => informer.relist()),
      })
    : undefined
  log.info({ version: VERSION, identity, server: config.server }, 'starting')
  collectWhenIdle({ clock, worked: () => metrics.worked, collect: fullCollection(), allowGrowth }, signal)
  try {
    const manager = new Manager({
      informers,
      controllers: [...controllers, publisher],
      events,
      metrics,
      log,
      clock,
      ...(leaderElection ? { leaderElection } : {}),
      healthBindAddress: parseBindAddress(options.healthProbeBindAddress),
      metricsBindAddress: parseBindAddress(options.metricsBindAddress),
      metricsSecurity: options.metricsSecure ? await secureMetrics(options, { client, clock, log }) : undefined,
    })
    await manager.run(signal)
  } finally {
    dialSidecar.close()
    client.close()
    leaseClient.close()
  }
}

async function secureMetrics(
  { metricsCertDir }: ManagerOptions,
  { client, clock, log }: ScrapeGuardOptions,
): Promise<MetricsSecurity> {
  const certificate =
    metricsCertDir === undefined
      ? ownCertificate(hostname(), new Date(clock.now()))
      : await certificateFiles(metricsCertDir, { clock, log })
  return { certificate, guard: new ScrapeGuard({ client, clock, log }) }
}
