/** The Nodes that the scheduler sees, and the StorageClasses of their volumes. */
import type { Node, Taint } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import type { KubeClient } from '../../../src/kube/client.ts'
import { isAlreadyExists } from '../../../src/kube/errors.ts'
import { nodes, storageClasses } from '../../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../../src/kube/types.ts'

export const PROVISIONER = 'sei.io/fake'
export const HOST_IP = '127.0.0.1'
/** Karpenter's NodePool of the platform's defaults. */
export const NODE_POOL = 'sei-node'
export const ZONE_LABEL = 'topology.kubernetes.io/zone'

/** Large enough for all pods. */
const CAPACITY = { cpu: '10000', memory: '100Ti', 'ephemeral-storage': '100Ti', pods: '5000' }
const SEI_TAINT: Taint = { key: 'sei.io/workload', value: 'sei-node', effect: 'NoSchedule' }

export interface NodeNames {
  /** With Karpenter's label and the taint that node pods tolerate. */
  readonly sei: readonly string[]
  /** Without both: pods without the toleration or the affinity are scheduled here. */
  readonly general: string
}

/** @param nodePool Karpenter's, whose Nodes belong to this fake node alone */
export function nodeNames(seiNodes: number, nodePool: string): NodeNames {
  const prefix = nodePool === NODE_POOL ? 'fake-sei' : nodePool
  return { sei: Array.from({ length: seiNodes }, (_, index) => `${prefix}-${index}`), general: 'fake-general' }
}

/** Nodes that exist already are shared with the fake node that created them. */
export async function installNodes(
  client: KubeClient,
  names: NodeNames,
  {
    nodePool,
    hostIP,
    zones,
  }: { readonly nodePool: string; readonly hostIP: string; readonly zones: readonly string[] },
): Promise<void> {
  const sei = names.sei.map((name, index) => {
    const zone = zones[index % zones.length]
    return installNode(client, { name, hostIP, nodePool, ...(zone !== undefined && { zone }) })
  })
  await Promise.all([...sei, installNode(client, { name: names.general, hostIP: HOST_IP })])
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

interface Machine {
  readonly name: string
  readonly hostIP: string
  /** Absent for a general Node. */
  readonly nodePool?: string
  readonly zone?: string
}

async function installNode(client: KubeClient, { name, hostIP, nodePool, zone }: Machine): Promise<void> {
  const taints = nodePool === undefined ? [] : [SEI_TAINT]
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
        ...(nodePool !== undefined && { 'karpenter.sh/nodepool': nodePool }),
        ...(zone !== undefined && { [ZONE_LABEL]: zone }),
      },
    },
    spec: { taints },
    status: {
      capacity: CAPACITY,
      allocatable: CAPACITY,
      addresses: [
        { type: 'InternalIP', address: hostIP },
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
