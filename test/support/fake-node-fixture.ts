/** What the tests of the fake node share: a namespace with a fake of its own, and the objects of one gated pod. */
import { randomUUID } from 'node:crypto'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Container, PersistentVolumeClaim, Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { startFakeNode } from '../../testing/fakes/node/index.ts'
import type { FakeNode, FakeNodeOptions } from '../../testing/fakes/node/index.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { loadClusterConfig } from '../../src/kube/config.ts'
import { createKubeClient } from '../../src/kube/http-client.ts'
import { namespaces, persistentVolumeClaims, pods, serviceAccounts, statefulSets } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { until } from './until.ts'

const HOME = '/sei'
const READS = new Set(['get', 'list', 'watch'])

export class FakeNodeFixture {
  readonly client: KubeClient
  readonly namespace: string
  readonly node: FakeNode

  /** What the fake node wrote, oldest first: `patch pods`. */
  readonly writes: readonly string[]

  readonly #closeClients: () => void

  private constructor(
    client: KubeClient,
    namespace: string,
    node: FakeNode,
    writes: readonly string[],
    closeClients: () => void,
  ) {
    this.#closeClients = closeClients
    this.client = client
    this.namespace = namespace
    this.node = node
    this.writes = writes
  }

  /** On the control plane around this process, unless `kubeconfig` names another. */
  static async open(options: Partial<FakeNodeOptions> = {}, kubeconfig?: string): Promise<FakeNodeFixture> {
    const path = kubeconfig ?? attachedControlPlane(process.env).fakeKubeconfigPath
    const config = await loadClusterConfig({ kubeconfig: path, env: process.env })
    const writes: string[] = []
    const client = createKubeClient(config)
    const nodeClient = createKubeClient(config, {
      onRequest: ({ verb, resource }) => {
        if (!READS.has(verb)) writes.push(`${verb} ${resource}`)
      },
    })
    const namespace = `fake-${randomUUID().slice(0, 8)}`
    await client.create(namespaces, { metadata: { name: namespace } })
    const node = await startFakeNode({ client: nodeClient, namespaces: [namespace], ...options })
    const fixture = new FakeNodeFixture(client, namespace, node, writes, () => {
      client.close()
      nodeClient.close()
    })
    await fixture.until('its default ServiceAccount', serviceAccounts, 'default', () => true)
    return fixture
  }

  /** Leaves the namespace to its controller, which takes half a minute for one that held pods. */
  async close(): Promise<void> {
    const { client, namespace } = this
    const created = await client.get(namespaces, { name: namespace })
    await client.delete(namespaces, { name: namespace }, { uid: created?.metadata?.uid ?? '' })
    await this.node.stop()
    this.#closeClients()
  }

  key(name: string): { namespace: string; name: string } {
    return { namespace: this.namespace, name }
  }

  /** Resolves with the object once it meets the condition. */
  until<T extends KubeObject>(
    what: string,
    resource: Resource<T>,
    name: string,
    condition: (object: T) => boolean,
  ): Promise<T> {
    const current = (): Promise<T | undefined> => this.#find(resource, name)
    const met = async (): Promise<T | undefined> => {
      const object = await current()
      return object && condition(object) ? object : undefined
    }
    return until(`${resource.kind} ${name}: ${what}`, met, { found: current })
  }

  async gone<T extends KubeObject>(resource: Resource<T>, name: string): Promise<void> {
    const current = (): Promise<T | undefined> => this.#find(resource, name)
    const isGone = async (): Promise<true | undefined> => ((await current()) ? undefined : true)
    await until(`${resource.kind} ${name} to be gone`, isGone, { found: current })
  }

  async remove<T extends KubeObject>(resource: Resource<T>, name: string): Promise<void> {
    const object = await this.client.get(resource, this.key(name))
    const uid = object?.metadata?.uid ?? ''
    await this.client.delete(resource, this.key(name), { uid, propagationPolicy: 'Background' })
  }

  #find<T extends KubeObject>(resource: Resource<T>, name: string): Promise<T | undefined> {
    return this.client.get(resource, resource.namespaced ? this.key(name) : { name })
  }

  claim(name: string, storageClassName = 'gp3'): Promise<PersistentVolumeClaim> {
    return this.client.create(persistentVolumeClaims, {
      metadata: this.key(name),
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
    })
  }

  pod(name: string, spec: PodSpec): Promise<Pod> {
    return this.client.create(pods, { metadata: this.key(name), spec: { terminationGracePeriodSeconds: 1, ...spec } })
  }

  /** A StatefulSet of one gated pod, NAME-0, on the claim `data-NAME`. */
  statefulSet(
    name: string,
    changes: { readonly seidImage?: string; readonly sidecarImage?: string } = {},
  ): Promise<StatefulSet> {
    const labels = { app: name }
    return this.client.create(statefulSets, {
      metadata: this.key(name),
      spec: {
        serviceName: name,
        replicas: 1,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: gatedPod(`data-${name}`, changes) },
      },
    })
  }

  /** Sends a task to the pod's sidecar, at its address, as the operator does. */
  async submit(pod: Pod, type: string, params: object = {}): Promise<Response> {
    return fetch(`http://${pod.status?.podIP}:7777/v0/tasks`, {
      method: 'POST',
      // A pooled connection that a partition broke would fail in another way than a new one.
      headers: { connection: 'close' },
      body: JSON.stringify({ id: randomUUID(), type, params }),
    })
  }
}

export function gatedPod(
  claim: string,
  changes: { readonly seidImage?: string; readonly sidecarImage?: string } = {},
): PodSpec {
  const { seidImage = 'sei-protocol/seid:v5.0.0', sidecarImage = 'ghcr.io/sei-protocol/seictl:v0.0.40' } = changes
  const volumeMounts = [{ name: 'data', mountPath: HOME }]
  const sidecarEnv = {
    SEI_HOME: HOME,
    SEI_CHAIN_ID: 'arctic-1',
    SEI_GENESIS_BUCKET: 'genesis',
    SEI_GENESIS_REGION: 'us-east-2',
    SEI_SNAPSHOT_BUCKET: 'snapshots',
    SEI_SNAPSHOT_REGION: 'us-east-2',
  }
  const sidecar: Container = {
    name: 'sei-sidecar',
    image: sidecarImage,
    restartPolicy: 'Always',
    env: Object.entries(sidecarEnv).map(([name, value]) => ({ name, value })),
    startupProbe: { httpGet: { path: '/v0/healthz', port: 7777 }, periodSeconds: 1, failureThreshold: 1_000_000 },
    volumeMounts,
  }
  const init: Container = {
    name: 'seid-init',
    image: seidImage,
    args: ['arctic-1', 'node', 'init'],
    env: [{ name: 'SEI_HOME', value: HOME }],
    volumeMounts,
  }
  return {
    ...onSeiNodes(),
    initContainers: [init, sidecar],
    containers: [
      {
        name: 'seid',
        image: seidImage,
        ports: [{ name: 'rpc', containerPort: 26657 }],
        readinessProbe: { httpGet: { path: '/lag_status', port: 'rpc' } },
        volumeMounts,
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
  }
}

/** The toleration and the affinity without which a pod does not get to Sei's Nodes. */
export function onSeiNodes(): Pick<PodSpec, 'tolerations' | 'affinity'> {
  const term = { matchExpressions: [{ key: 'karpenter.sh/nodepool', operator: 'In', values: ['sei-node'] }] }
  return {
    tolerations: [{ key: 'sei.io/workload', operator: 'Equal', value: 'sei-node', effect: 'NoSchedule' }],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
  }
}

/** The status of one container, whichever list it is in. */
export function containerOf(pod: Pod, name: string) {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  return all.find(status => status.name === name)
}

/** It is Ready, and nobody has told it to go. */
export function isPodReady(pod: Readonly<Pod>): boolean {
  return conditionOf(pod, 'Ready') === 'True' && pod.metadata?.deletionTimestamp === undefined
}

export function conditionOf(pod: Pod, type: string): string | undefined {
  return pod.status?.conditions?.find(condition => condition.type === type)?.status
}
