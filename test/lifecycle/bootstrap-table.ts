/** What each kind of spec makes a sidecar do before seid starts: the literal table of bootstrap.test.ts. `src/plan` has the variants. */
import type { PostedTask } from '../support/posted-tasks.ts'
import type { SpecInput } from './living-node.ts'

/** By the name of the node, which the moniker repeats. */
type TaskTable = Readonly<Record<string, readonly [spec: Omit<SpecInput, 'image'>, tasks: readonly PostedTask[]]>>

const PEER_A = '0123456789abcdef0123456789abcdef01234567@a.example:26656'
const PEER_B = 'fedcba9876543210fedcba9876543210fedcba98@b.example:26656'
const EC2 = { ec2Tags: { region: 'eu-central-1', tags: { Network: 'pacific-1', Role: 'peer' } } }
const EC2_SOURCE = { type: 'ec2Tags', region: 'eu-central-1', tags: { Network: 'pacific-1', Role: 'peer' } }
const STATIC = { static: { addresses: [PEER_A] } }
const STATIC_SOURCE = { type: 'static', addresses: [PEER_A] }

/** The whole of a config-apply's parameters. */
function applied(mode: string, overrides: Readonly<Record<string, string>>): PostedTask {
  return ['config-apply', { mode, incremental: false, targetVersion: 0, overrides }]
}

const LAST: readonly PostedTask[] = [['config-validate'], ['mark-ready']]

export const BY_SPEC: TaskTable = {
  'snapshot-no-uri': [
    {
      chainId: 'arctic-1',
      snapshot: { s3: { region: 'eu-west-1', targetHeight: 123_456 }, backfillBlocks: 50 },
      peers: [STATIC],
    },
    [
      [
        'snapshot-restore',
        {
          bucket: 'arctic-1-snapshots',
          prefix: 'state-sync/',
          region: 'eu-west-1',
          chainId: 'arctic-1',
          targetHeight: 123_456,
        },
      ],
      ['configure-genesis'],
      applied('full', { 'chain.moniker': 'snapshot-no-uri', 'network.p2p.persistent_peers': PEER_A }),
      ['discover-peers', { sources: [STATIC_SOURCE] }],
      ['configure-state-sync', { useLocalSnapshot: true, trustPeriod: '9999h0m0s', backfillBlocks: 50 }],
      ...LAST,
    ],
  ],
  // Only sidecars that read the bucket from their environment can restore from the root of one.
  'snapshot-bucket': [
    {
      chainId: 'pacific-1',
      snapshot: { s3: { uri: 's3://snaps', region: 'us-east-2' } },
      peers: [STATIC],
      sidecar: { image: 'ghcr.io/sei-protocol/seictl:v0.0.40' },
    },
    [
      ['snapshot-restore', { bucket: 'snaps', prefix: '', region: 'us-east-2', chainId: 'pacific-1' }],
      ['configure-genesis'],
      applied('full', { 'chain.moniker': 'snapshot-bucket', 'network.p2p.persistent_peers': PEER_A }),
      ['discover-peers', { sources: [STATIC_SOURCE] }],
      ['configure-state-sync', { useLocalSnapshot: true, trustPeriod: '9999h0m0s' }],
      ...LAST,
    ],
  ],
  'state-sync-backfill': [
    {
      chainId: 'pacific-1',
      snapshot: { stateSync: {}, trustPeriod: '168h0m0s', backfillBlocks: 1000 },
      peers: [EC2, STATIC, { static: { addresses: [PEER_B, PEER_A] } }],
    },
    [
      ['configure-genesis'],
      applied('full', {
        'chain.moniker': 'state-sync-backfill',
        'network.p2p.persistent_peers': `${PEER_A},${PEER_B}`,
      }),
      ['discover-peers', { sources: [EC2_SOURCE, STATIC_SOURCE, { type: 'static', addresses: [PEER_B, PEER_A] }] }],
      ['configure-state-sync', { useLocalSnapshot: false, trustPeriod: '168h0m0s', backfillBlocks: 1000 }],
      ...LAST,
    ],
  ],
  'replayer-uri': [
    {
      chainId: 'devnet-7',
      genesis: { s3: { uri: 's3://genesis-files/g.json', region: 'us-west-2' } },
      replayer: {
        peers: [STATIC],
        snapshot: { s3: { uri: 's3://snaps/devnet', region: 'us-east-2', targetHeight: 9 }, backfillBlocks: 0 },
      },
    },
    [
      [
        'snapshot-restore',
        { bucket: 'snaps', prefix: 'devnet/', region: 'us-east-2', chainId: 'devnet-7', targetHeight: 9 },
      ],
      ['configure-genesis', { uri: 's3://genesis-files/g.json', region: 'us-west-2' }],
      applied('full', { 'chain.moniker': 'replayer-uri', 'network.p2p.persistent_peers': PEER_A }),
      ['discover-peers', { sources: [STATIC_SOURCE] }],
      ['configure-state-sync', { useLocalSnapshot: true, trustPeriod: '9999h0m0s', backfillBlocks: 0 }],
      ...LAST,
    ],
  ],
  'genesis-pvc': [
    { chainId: 'devnet-7', genesis: { pvc: { dataPVC: 'prepared-1' } } },
    [applied('full', { 'chain.moniker': 'genesis-pvc' }), ...LAST],
  ],
  'genesis-pvc-peers': [
    { chainId: 'devnet-7', mode: 'validator', genesis: { pvc: { dataPVC: 'prepared-2' } }, peers: [STATIC] },
    [
      applied('validator', {
        'chain.moniker': 'genesis-pvc-peers',
        'network.p2p.persistent_peers': PEER_A,
        'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
        'network.rpc.listen_address': 'tcp://0.0.0.0:26657',
      }),
      ['discover-peers', { sources: [STATIC_SOURCE] }],
      ...LAST,
    ],
  ],
  'genesis-s3-peers': [
    { chainId: 'devnet-7', genesis: { s3: { uri: 's3://genesis-files/g.json', region: 'us-west-2' } }, peers: [EC2] },
    [
      ['configure-genesis', { uri: 's3://genesis-files/g.json', region: 'us-west-2' }],
      applied('full', { 'chain.moniker': 'genesis-s3-peers' }),
      ['discover-peers', { sources: [EC2_SOURCE] }],
      ...LAST,
    ],
  ],
  'well-known': [
    { chainId: 'pacific-1' },
    [['configure-genesis'], applied('full', { 'chain.moniker': 'well-known' }), ...LAST],
  ],
  'validator-makes-snapshots': [
    {
      chainId: 'pacific-1',
      mode: 'validator',
      snapshotGeneration: { interval: 10, keepRecent: 5 },
      overrides: { 'chain.moniker': 'mine', 'storage.pruning': 'custom', 'evm.http_enabled': 'false' },
    },
    [
      ['configure-genesis'],
      applied('validator', {
        'chain.moniker': 'mine',
        'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
        'network.rpc.listen_address': 'tcp://0.0.0.0:26657',
        'storage.pruning': 'custom',
        'storage.snapshot_interval': '10',
        'storage.snapshot_keep_recent': '5',
        'evm.http_enabled': 'false',
      }),
      ...LAST,
    ],
  ],
}

/** By the name of the file in samples/, applied byte for byte; the node's name is in the file. */
export const SAMPLES: Readonly<Record<string, readonly [node: string, tasks: readonly PostedTask[]]>> = {
  'seinode-mainnet-0.yaml': [
    'mainnet-0',
    [
      [
        'snapshot-restore',
        { bucket: 'sei-snapshots', prefix: 'pacific-1/', region: 'us-east-2', chainId: 'pacific-1' },
      ],
      ['configure-genesis', { uri: 's3://sei-genesis/pacific-1/genesis.json', region: 'us-east-2' }],
      applied('full', {
        'chain.moniker': 'mainnet-0',
        'storage.pruning': 'nothing',
        'storage.snapshot_interval': '2000',
        'storage.snapshot_keep_recent': '5',
      }),
      ['discover-peers', { sources: [{ type: 'ec2Tags', region: 'us-east-2', tags: { Network: 'pacific-1' } }] }],
      ['configure-state-sync', { useLocalSnapshot: true, trustPeriod: '9999h0m0s' }],
      ['config-validate'],
      ['mark-ready'],
    ],
  ],
  'seinode-shadow-replayer.yaml': [
    'pacific-1-shadow-replayer',
    [
      [
        'snapshot-restore',
        { bucket: 'pacific-1-snapshots', prefix: 'state-sync/', region: 'eu-central-1', chainId: 'pacific-1' },
      ],
      ['configure-genesis', { uri: 's3://sei-testnet-genesis-config/pacific-1/genesis.json', region: 'us-east-2' }],
      applied('full', { 'chain.moniker': 'pacific-1-shadow-replayer' }),
      [
        'discover-peers',
        {
          sources: [
            {
              type: 'ec2Tags',
              region: 'eu-central-1',
              tags: { ChainIdentifier: 'pacific-1', Component: 'state-syncer' },
            },
          ],
        },
      ],
      ['configure-state-sync', { useLocalSnapshot: true, trustPeriod: '9999h0m0s' }],
      ['config-validate'],
      ['mark-ready'],
    ],
  ],
}
