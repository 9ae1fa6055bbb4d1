/** SeiNodes with their defaults, as the API server returns them: the samples, and one of each kind, for tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { seiNodeSpec, type SeiNode } from '../../api/seinode.ts'

const manifest = z.object({ metadata: z.object({ name: z.string() }), spec: seiNodeSpec })

type SpecInput = z.input<typeof seiNodeSpec>

/** @param spec as in a manifest; chain and image are optional */
export function seiNode(
  name: string,
  spec: Partial<SpecInput> = {},
  metadata: Partial<SeiNode['metadata']> = {},
): SeiNode {
  return {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNode',
    metadata: { name, namespace: 'sei', uid: `uid-of-${name}`, ...metadata },
    spec: seiNodeSpec.parse({ chainId: 'pacific-1', image: 'sei-protocol/seid:v6.4.0', ...spec }),
  }
}

/** @param file name of a file in samples/ */
export function sample(file: string): SeiNode {
  const text = readFileSync(join(import.meta.dirname, '../../../samples', file), 'utf8')
  const { metadata, spec } = manifest.parse(parse(text))
  return seiNode(metadata.name, spec)
}

const STATIC_PEERS = [{ static: { addresses: ['0123456789abcdef0123456789abcdef01234567@peer.example:26656'] } }]

const PLACEMENT: Partial<SpecInput> = {
  scheduling: {
    nodeSelector: { 'karpenter.sh/nodepool': 'rpc', 'example.com/disk': 'nvme' },
    tolerations: [{ key: 'example.com/rpc', operator: 'Exists', effect: 'NoSchedule' }],
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'NotIn', values: ['us-east-2c'] }] },
        ],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 10,
          preference: { matchExpressions: [{ key: 'example.com/generation', operator: 'Gt', values: ['6'] }] },
        },
      ],
    },
    priorityClassName: 'rpc',
    topologySpreadConstraints: [
      { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
      {
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        maxSkew: 2,
        labelSelector: { matchLabels: { 'example.com/team': 'rpc' } },
      },
    ],
  },
  podMetadata: { labels: { 'example.com/team': 'rpc' }, annotations: { 'example.com/owner': 'on call' } },
  serviceMetadata: {
    labels: { 'example.com/team': 'rpc' },
    annotations: { 'example.com/hostname': 'rpc.example.com' },
  },
  imagePullSecrets: [{ name: 'registry' }],
  env: [
    { name: 'GOMEMLIMIT', value: '30GiB' },
    { name: 'EMPTY', value: '' },
    { name: 'TRACE_TOKEN', valueFrom: { secretKeyRef: { name: 'trace', key: 'token' } } },
  ],
  initResources: { requests: { cpu: 1, memory: '1Gi' } },
  sidecar: { env: [{ name: 'AWS_ENDPOINT_URL_S3', value: 'https://s3.example.com' }] },
}

/** The nodes by name of their golden file. */
export const goldenNodes: ReadonlyMap<string, SeiNode> = new Map(
  [
    sample('seinode-mainnet-0.yaml'),
    sample('seinode-shadow-replayer.yaml'),
    seiNode('full-defaults'),
    seiNode('archive', { mode: 'archive', storage: { retainOnDelete: true } }),
    seiNode('seed', { mode: 'seed', sidecar: { port: 7000, image: 'registry.example/seictl:v0.0.25' } }),
    seiNode('state-sync', { snapshot: { stateSync: {} }, peers: STATIC_PEERS, overrides: { 'evm.slow': 'true' } }),
    seiNode('validator', {
      mode: 'validator',
      chainId: 'my_chain-1',
      genesis: { s3: { uri: 's3://genesis-files/my_chain-1/genesis.json', region: 'eu-central-1' } },
      resources: { requests: { cpu: 2, memory: '8Gi' }, limits: { memory: '8Gi' } },
      storage: { size: '50Gi', storageClassName: 'local' },
    }),
    seiNode('halting', { haltHeight: 150_000_000 }),
    seiNode('validator-keys', {
      mode: 'validator',
      validator: { signingKey: { secretName: 'val-0-key' }, nodeKey: { secretName: 'val-0-node' } },
    }),
    seiNode(
      'devnet-0',
      {
        chainId: 'devnet',
        mode: 'validator',
        genesis: { pvc: { dataPVC: 'data-devnet-0' } },
        entrypoint: { command: ['seid'], args: ['start'] },
      },
      { labels: { 'sei.io/nodepool': 'devnet' } },
    ),
    seiNode(
      'net-0',
      { chainId: 'devnet', mode: 'validator', genesis: { pvc: { dataPVC: 'data-net-0' } } },
      { labels: { 'sei.io/nodepool': 'net', 'sei.io/nodepool-ordinal': '0' } },
    ),
    seiNode('placed', PLACEMENT),
  ].map(node => [node.metadata.name, node]),
)
