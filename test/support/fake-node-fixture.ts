/** A namespace with its own fake node: `FakeNodeFixture`; and helpers that read pods. */
import { randomUUID } from 'node:crypto'
import type { PersistentVolumeClaim, Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { startFakeNode } from '../../testing/fakes/node/index.ts'
import type { FakeNode, FakeNodeOptions } from '../../testing/fakes/node/index.ts'
import { loadClusterConfig } from '../../src/kube/config.ts'
import { createKubeClient } from '../../src/kube/http-client.ts'
import { namespaces, persistentVolumeClaims, serviceAccounts } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { until } from './until.ts'

export interface FakeNodeFixtureOptions extends Partial<FakeNodeOptions> {
  /** Its name; a random one by default, so that tests do not meet. */
  readonly namespace?: string
}

export class FakeNodeFixture {
  readonly client: ReturnType<typeof createKubeClient>
  readonly namespace: string
  readonly node: FakeNode

  private constructor(client: ReturnType<typeof createKubeClient>, namespace: string, node: FakeNode) {
    this.client = client
    this.namespace = namespace
    this.node = node
  }

  /** Uses the control plane that `exec` started for this process. */
  static async open({
    namespace = `fake-${randomUUID().slice(0, 8)}`,
    ...options
  }: FakeNodeFixtureOptions = {}): Promise<FakeNodeFixture> {
    const { fakeKubeconfigPath } = attachedControlPlane(process.env)
    const client = createKubeClient(await loadClusterConfig({ kubeconfig: fakeKubeconfigPath, env: process.env }))
    await client.create(namespaces, { metadata: { name: namespace } })
    const node = await startFakeNode({ client, namespaces: [namespace], ...options })
    const fixture = new FakeNodeFixture(client, namespace, node)
    await until('the default ServiceAccount', () => client.get(serviceAccounts, fixture.key('default')))
    return fixture
  }

  /** Deletes the namespace without waiting: its controller takes half a minute for one that had pods. */
  async close(): Promise<void> {
    const { client, namespace } = this
    const created = await client.get(namespaces, { name: namespace })
    await client.delete(namespaces, { name: namespace }, { uid: created?.metadata?.uid ?? '' })
    await this.node.stop()
    client.close()
  }

  key(name: string): { namespace: string; name: string } {
    return { namespace: this.namespace, name }
  }

  async remove<T extends KubeObject>(resource: Resource<T>, name: string): Promise<void> {
    const object = await this.client.get(resource, this.key(name))
    const uid = object?.metadata?.uid ?? ''
    await this.client.delete(resource, this.key(name), { uid, propagationPolicy: 'Background' })
  }

  claim(name: string, storageClassName = 'gp3'): Promise<PersistentVolumeClaim> {
    return this.client.create(persistentVolumeClaims, {
      metadata: this.key(name),
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
    })
  }
}

/** The toleration and the affinity that a pod needs for Sei's Nodes. */
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

/** Whether the pod is Ready and not terminating. */
export function isPodReady(pod: Readonly<Pod>): boolean {
  return conditionOf(pod, 'Ready') === 'True' && pod.metadata?.deletionTimestamp === undefined
}

export function conditionOf(pod: Pod, type: string): string | undefined {
  return pod.status?.conditions?.find(condition => condition.type === type)?.status
}
