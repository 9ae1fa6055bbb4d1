/** The objects that the first-generation operator created for a SeiNode: `earlierService`, `earlierStatefulSet`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Service } from 'kubernetes-types/core/v1.d.ts'
import { API_VERSION } from '../../src/api/names.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import type { OwnerReference } from '../../src/kube/types.ts'
import { GENESIS_SPEC } from './operator-fixture.ts'

/** Of its server-side applies. */
export const EARLIER_MANAGER = 'seinode-controller'
export const EARLIER_SIDECAR = 'ghcr.io/sei-protocol/seictl:v0.0.25'
const PORTS = { 'evm-rpc': 8545, 'evm-ws': 8546, grpc: 9090, p2p: 26656, rpc: 26657, metrics: 26660 }
const MOUNTS = [{ name: 'data', mountPath: '/sei' }]

export interface EarlierMetadata {
  readonly name: string
  readonly namespace: string
  readonly labels: Record<string, string>
  readonly ownerReferences: OwnerReference[]
}

export function earlierMetadata({ metadata: { name, namespace = '', uid = '' } }: Readonly<SeiNode>): EarlierMetadata {
  const owner = { apiVersion: API_VERSION, kind: 'SeiNode', name, uid, controller: true, blockOwnerDeletion: true }
  return { name, namespace, labels: { 'sei.io/node': name }, ownerReferences: [owner] }
}

export function earlierService(metadata: EarlierMetadata): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      clusterIP: 'None',
      selector: metadata.labels,
      publishNotReadyAddresses: true,
      ports: Object.entries(PORTS).map(([name, port]) => ({ name, port, targetPort: port, protocol: 'TCP' })),
    },
  }
}

export function earlierStatefulSet(metadata: EarlierMetadata): StatefulSet {
  const { name, labels } = metadata
  const term = { matchExpressions: [{ key: 'karpenter.sh/nodepool', operator: 'In', values: ['sei-node'] }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'seid-node',
          shareProcessNamespace: true,
          tolerations: [{ key: 'sei.io/workload', value: 'sei-node', effect: 'NoSchedule' }],
          affinity: {
            nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
          },
          initContainers: [seidInitContainer(), sidecarContainer()],
          containers: [seidContainer()],
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `data-${name}` } }],
        },
      },
    },
  }
}

type Container = NonNullable<NonNullable<StatefulSet['spec']>['template']['spec']>['containers'][number]

function seidInitContainer(): Container {
  const { chainId, image } = GENESIS_SPEC
  const script = `seid init ${chainId} --chain-id ${chainId} --home /sei --overwrite && mkdir -p /sei/tmp`
  return { name: 'seid-init', image, command: ['/bin/sh', '-c', script], volumeMounts: MOUNTS }
}

function sidecarContainer(): Container {
  return {
    name: 'sei-sidecar',
    image: EARLIER_SIDECAR,
    restartPolicy: 'Always',
    env: [
      { name: 'SEI_SIDECAR_PORT', value: '7777' },
      { name: 'SEI_HOME', value: '/sei' },
    ],
    ports: [{ name: 'sidecar', containerPort: 7777, protocol: 'TCP' }],
    volumeMounts: MOUNTS,
  }
}

/** seid's command, a shell that waited for the sidecar. */
function seidContainer(): Container {
  return {
    name: 'seid',
    image: GENESIS_SPEC.image,
    command: ['/bin/bash', '-c'],
    args: ['while true; do head -1 < /dev/tcp/localhost/7777 | grep -q 200 && break; sleep 5; done; exec seid'],
    env: [{ name: 'TMPDIR', value: '/sei/tmp' }],
    ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    // The original probed the sidecar at the pod's address; fakes answer only for their own container.
    startupProbe: {
      httpGet: { path: '/lag_status', port: 26_657 },
      initialDelaySeconds: 5,
      periodSeconds: 5,
      failureThreshold: 86_400,
    },
    volumeMounts: MOUNTS,
  }
}
