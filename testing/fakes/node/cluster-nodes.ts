/** The Nodes that the scheduler sees, and the StorageClasses of their volumes. */
import type { Node, Taint } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import type { KubeClient } from '../../../src/kube/client.ts'
import { isAlreadyExists } from '../../../src/kube/errors.ts'
import { nodes, storageClasses } from '../../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../../src/kube/types.ts'

export const PROVISIONER = 'sei.io/fake'
export const HOST_IP = '127.0.0.1'

/** Large enough for all pods. */
const CAPACITY = { cpu: '10000', memory: '100Ti', 'ephemeral-storage': '100Ti', pods: '5000' }
const SEI_TAINT: Taint = { key: 'sei.io/workload', value: 'sei-node', effect: 'NoSchedule' }

export interface NodeNames {
  /** With Karpenter's label and the taint that node pods tolerate. */
  readonly sei: readonly string[]
  /** Without both: pods without the toleration or the affinity are scheduled here. */
  readonly general: string
}

export function nodeNames(seiNodes: number): NodeNames {
  return { sei: Array.from({ length: seiNodes }, (_, index) => `fake-sei-${index}`), general: 'fake-general' }
}

/** Nodes that exist already are shared with the fake node that created them. */
export async function installNodes(client: KubeClient, names: NodeNames): Promise<void> {
  await Promise.all([...names.sei, names.general].map(name => installNode(client, name, name !== names.general)))
}

/** Those of the platform's defaults; a claim of any other class stays Pending. Classes that exist stay as they are. */
export async function installStorageClasses(client: KubeClient): Promise<void> {
  const create = (name: string): Promise<void> => {
    const object: StorageClass = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      // Saves one write for each claim.
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: true,
    }
    return createOnce(client, storageClasses, object)
  }
  await Promise.all(['gp3', 'gp3-10k-750', 'efs-sc'].map(create))
}

async function installNode(client: KubeClient, name: string, sei: boolean): Promise<void> {
  const taints = sei ? [SEI_TAINT] : []
  const heartbeat = new Date().toISOString()
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...(sei && { 'karpenter.sh/nodepool': 'sei-node' }),
      },
    },
    spec: { taints },
    status: {
      capacity: CAPACITY,
      allocatable: CAPACITY,
      addresses: [
        { type: 'InternalIP', address: HOST_IP },
        { type: 'Hostname', address: name },
      ],
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'FakeReady',
          lastHeartbeatTime: heartbeat,
          lastTransitionTime: heartbeat,
        },
      ],
    },
  }
  await createOnce(client, nodes, node)
  // Admission taints every new Node as not ready, for a node lifecycle controller to lift; there is none here.
  await client.patch(nodes, { name }, { spec: { taints } }, { type: 'merge' })
}

async function createOnce<T extends KubeObject>(client: KubeClient, resource: Resource<T>, object: T): Promise<void> {
  try {
    await client.create(resource, object)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}
