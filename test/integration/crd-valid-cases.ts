/** Specs that the CRDs admit, by what they show: the product of what may be combined, and each field at its limits. */
import { generation, genesisPvc, genesisS3, node, peers, pool, poolOf, snapshot } from './crd-cases.ts'
import { haltingUpgrades } from './crd-invalid-upgrades.ts'

type Spec = Readonly<Record<string, unknown>>
type Choice = readonly (readonly [string, Spec])[]

const nodeId = 'AB'.repeat(20)
const ec2Peers = [
  { ec2Tags: { region: 'eu-central-1', tags: { ChainIdentifier: 'pacific-1', Component: 'state-syncer' } } },
]
const stateSync = { stateSync: {}, trustPeriod: '168h', backfillBlocks: 0 }

const modes: Choice = [
  ['no mode', {}],
  ...['full', 'validator', 'archive', 'seed'].map(mode => [mode, { mode }] as const),
]

const genesisSources: Choice = [
  ['the built-in genesis', {}],
  ['a genesis in S3', { chainId: 'my-net', genesis: genesisS3 }],
]

const startingPoints: Choice = [
  ['no snapshot', {}],
  ['static peers', { peers }],
  ['a snapshot from S3', { peers: ec2Peers, snapshot }],
  ['state sync', { peers: [...peers, ...ec2Peers], snapshot: stateSync }],
]

const snapshotMakers: Choice = [
  ['', {}],
  ['generated snapshots', { snapshotGeneration: generation }],
]

/** Every bootstrap of a node that is no replayer. */
function bootstraps(): readonly (readonly [string, Spec])[] {
  const out: (readonly [string, Spec])[] = []
  for (const [mode, a] of modes) {
    for (const [generated, d] of snapshotMakers) {
      if (mode === 'seed' && generated !== '') continue
      for (const [start, c] of startingPoints) {
        for (const [genesis, b] of genesisSources) {
          out.push([[mode, genesis, start, generated].filter(Boolean).join(', '), { ...a, ...b, ...c, ...d }])
        }
      }
      for (const prepared of [{}, { peers }]) {
        const title = [mode, 'a prepared volume', 'peers' in prepared ? 'static peers' : '', generated]
        out.push([title.filter(Boolean).join(', '), { ...a, genesis: genesisPvc, ...prepared, ...d }])
      }
    }
  }
  return out
}

const replayers: Choice = [
  ['a replayer that restores from S3', { replayer: { peers, snapshot } }],
  ['a replayer that syncs its state', { replayer: { peers: ec2Peers, snapshot: stateSync } }],
  ['a replayer with a genesis in S3', { genesis: genesisS3, replayer: { peers, snapshot } }],
  ['a replayer that exports by default', { replayer: { peers, snapshot, resultExport: {} } }],
  [
    'a replayer that exports to a bucket',
    {
      replayer: {
        peers,
        snapshot,
        resultExport: { bucket: 'results', region: 'us-gov-west-1', prefix: 'a/b/', schedule: '@hourly' },
      },
    },
  ],
]

const addresses = [
  `${nodeId}@10.0.0.1:26656`,
  `${nodeId}@[2001:db8::1]:26656`,
  `${nodeId}@devnet-0-0.devnet-0.default.svc.cluster.local:26656`,
]

const schedules = ['0 0 * * *', '*/10 * * * *', '5,35 0-6/2 1,15 JAN-JUN MON', '59 23 31 12 7', '@daily', '@weekly']
const durations = ['9999h0m0s', '168h', '90s', '1.5h', '1h30m', '500ms']
const sizes = ['1Gi', '1000Gi', '2Ti', '1.5Ti', 2_000_000_000_000, '2e12']

const fields: Choice = [
  ['every optional field of its own', everything()],
  ['peers in every form', { peers: [{ static: { addresses } }] }],
  ['an empty list of peers', { peers: [] }],
  ['a digest for an image', { image: `ghcr.io/sei-protocol/sei@sha256:${'0'.repeat(64)}` }],
  ['a chain id in capitals', { chainId: 'My_Net-1', genesis: genesisS3 }],
  [
    'an S3 snapshot of a chain in capitals',
    { chainId: 'My_Net', genesis: genesisS3, peers, snapshot: uri('s3://snaps') },
  ],
  ['an S3 snapshot at a height', { peers, snapshot: { s3: { region: 'us-east-2', targetHeight: 9_000_000_000 } } }],
  ...['s3://snaps', 's3://snaps/', 's3://snaps/pacific-1/a+b=c/'].map(
    location => [`a snapshot at ${location}`, { peers, snapshot: uri(location) }] as const,
  ),
  ...schedules.map(
    schedule => [`the schedule ${schedule}`, { snapshotGeneration: { ...generation, schedule } }] as const,
  ),
  ...durations.map(
    trustPeriod => [`the trust period ${trustPeriod}`, { peers, snapshot: { ...snapshot, trustPeriod } }] as const,
  ),
  ...['5m', '300s', '1h30m'].map(
    restartStuckAfter => [`a restart after ${restartStuckAfter}`, { healthPolicy: { restartStuckAfter } }] as const,
  ),
  ['an empty health policy', { healthPolicy: {} }],
  ['a height to halt at', { haltHeight: 200_000_000 }],
  ["seid's own height to halt at", { overrides: { 'chain.halt_height': '100' } }],
  ["seid's own height to halt at, from an upgrade on", { upgrades: haltingUpgrades }],
  [
    'a height to halt at, and upgrades with other settings',
    { haltHeight: 100, upgrades: [{ height: 50, image: 'sei:v1', overrides: { 'mempool.size': '9' } }] },
  ],
  ['no upgrades', { upgrades: [] }],
  [
    '64 upgrades',
    {
      upgrades: Array.from({ length: 64 }, (_, i) => ({
        height: i + 1,
        image: `sei:v${i}`,
        name: `v${i}`,
        overrides: { 'storage.pruning': 'nothing' },
      })),
    },
  ],
  ...sizes.map(size => [`the size ${size}`, { storage: { size } }] as const),
  ...[{ maxSize: '1Gi' }, { maxSize: '4Ti', by: '100%' }, { maxSize: '4Ti', by: '1%', whenUsedPercent: 50 }].map(
    autoGrow => [`growth as ${JSON.stringify(autoGrow)}`, { storage: { autoGrow } }] as const,
  ),
  ['limits and no requests', { resources: { limits: { cpu: 2, memory: '8Gi', 'example.com/gpu': 1 } } }],
  ['requests up to the limits', { resources: { limits: { cpu: '1' }, requests: { cpu: '1000m', memory: '1Gi' } } }],
  ['an empty override', { overrides: { 'chain.min_gas_prices': '' } }],
  [
    'keys from Secrets',
    { mode: 'validator', validator: { signingKey: { secretName: 'val.0' }, nodeKey: { secretName: 'n' } } },
  ],
  [
    'the signing key of a prepared volume, from a Secret',
    { mode: 'validator', genesis: genesisPvc, validator: { signingKey: { secretName: 'val-0' } } },
  ],
  ['every field of a placement', placement()],
  ['a spread that is turned off', { scheduling: { topologySpreadConstraints: [] } }],
  ['no pull secrets, whatever the platform has', { imagePullSecrets: [] }],
  ['a command alone', { entrypoint: { command: ['/start.sh'] } }],
  ['no further source for the sidecar', { networkPolicy: { sidecarFrom: [] } }],
  [
    'sources for the sidecar in every form',
    {
      networkPolicy: {
        sidecarFrom: [
          { podSelector: {} },
          { namespaceSelector: {} },
          {
            podSelector: { matchLabels: { 'app.kubernetes.io/name': 'backup', empty: '' } },
            namespaceSelector: {
              matchExpressions: [
                { key: 'team', operator: 'In', values: ['a', 'b'] },
                { key: 'example.com/closed', operator: 'DoesNotExist' },
              ],
            },
          },
          { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] } },
          { ipBlock: { cidr: '0.0.0.0/0' } },
          { ipBlock: { cidr: '2001:db8::/32' } },
          { ipBlock: { cidr: '::/0' } },
        ],
      },
    },
  ],
]

function uri(location: string): Spec {
  return { s3: { region: 'us-east-2', uri: location } }
}

function placement(): Spec {
  const inZone = [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['us-east-2a'] }]
  const labels = { team: 'a', 'app.kubernetes.io/part-of': 'chain', empty: '' }
  return {
    scheduling: {
      nodeSelector: { 'karpenter.sh/nodepool': 'rpc' },
      tolerations: [{ operator: 'Exists' }, { key: 'a' }, { key: 'a', effect: 'NoExecute', tolerationSeconds: 0 }],
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: inZone }] },
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, preference: { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['8'] }] } },
        ],
      },
      priorityClassName: 'system-node-critical',
      topologySpreadConstraints: ['DoNotSchedule', 'ScheduleAnyway'].map(whenUnsatisfiable => ({
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable,
        labelSelector: {},
      })),
    },
    podMetadata: { labels, annotations: { 'sidecar.istio.io/inject': 'false' } },
    serviceMetadata: { labels, annotations: { 'external-dns.alpha.kubernetes.io/hostname': 'rpc.example.com' } },
    imagePullSecrets: [{ name: 'registry' }],
    env: [
      { name: 'UPGRADE_VERSION_LIST', value: '' },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's.1', key: 'a_b.c-d' } } },
    ],
    initResources: { requests: { cpu: '1' } },
    sidecar: { env: [{ name: 'SEI_SNAPSHOT_UPLOAD_TIMEOUT', value: '1h' }] },
  }
}

function everything(): Spec {
  return {
    mode: 'archive',
    entrypoint: { command: ['seid'], args: ['start', '--home', '/sei', '$(EXTRA)', ''] },
    genesis: { s3: { uri: 's3://genesis/x/genesis.json', region: 'us-east-2', sha256: '0a'.repeat(32) } },
    snapshot: {
      s3: { uri: 's3://snaps/a', region: 'us-east-2', targetHeight: 1 },
      trustPeriod: '1h',
      backfillBlocks: 9,
      rpcServers: ['rpc.example.com:443', '10.0.0.1:26657', '[2001:db8::1]:26657'],
    },
    peers: ec2Peers,
    overrides: { 'storage.pruning': 'nothing', 'network.rpc.max_open_connections': '10' },
    snapshotGeneration: {
      interval: 1,
      keepRecent: 1000,
      schedule: '@daily',
      destination: { s3: { bucket: 'snaps.example', prefix: '', region: 'us-east-2' } },
    },
    sidecar: { image: 'seictl:v0.0.25', port: 8080, resources: { requests: { cpu: '100m' } } },
    resources: { limits: { memory: '48Gi' }, requests: { cpu: 8, memory: '48Gi' } },
    storage: {
      retainOnDelete: true,
      size: '3000Gi',
      storageClassName: 'gp3-10k-750',
      autoGrow: { whenUsedPercent: 95, by: '500Gi', maxSize: '3Ti', coolDown: '1m' },
    },
    networkPolicy: { sidecarFrom: [{ podSelector: { matchLabels: { app: 'backup' } } }] },
    paused: true,
  }
}

export const validNodes: ReadonlyMap<string, unknown> = new Map(
  [...bootstraps(), ...replayers, ...fields].map(([title, spec]) => [title, node(spec)]),
)

const account = { address: `sei1${'q'.repeat(38)}`, balance: '1000000usei,5factory/sei1abc/token' }

export const validPools: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['one node', poolOf({ nodeCount: 1 })],
  ['64 nodes', poolOf({ nodeCount: 64 })],
  [
    'every field of its nodes',
    poolOf({
      entrypoint: { command: ['seid'], args: ['start'] },
      resources: { requests: { cpu: 1, memory: '2Gi' } },
      overrides: { 'logging.level': 'debug' },
      sidecar: { image: 'seictl:v0.0.25', port: 7778, resources: {} },
    }),
  ],
  [
    'a genesis of its own',
    pool({
      genesis: {
        params: {
          'app_state.gov.voting_params.voting_period': '30s',
          'consensus_params.block.max_gas': 100_000_000,
          'app_state.gov.deposit_params.min_deposit': '[{"denom":"usei","amount":"10"}]',
        },
        accounts: [account, { ...account, address: `sei1${'z'.repeat(58)}` }],
      },
    }),
  ],
  [
    'resources of its Jobs',
    pool({ jobs: { resources: { requests: { cpu: 1 }, limits: { cpu: '1', memory: '1Gi' } } } }),
  ],
  ['a placement of its nodes', poolOf(placement())],
  ['labels of the pods of its Jobs', pool({ jobs: { podMetadata: { labels: { team: 'a' } } } })],
  ['Jobs without settings', pool({ jobs: {} })],
  [
    'storage of its own',
    pool({
      storage: { retainOnDelete: true, size: '10Gi', storageClassName: 'gp3', autoGrow: { maxSize: '20Gi' } },
      paused: false,
    }),
  ],
])
