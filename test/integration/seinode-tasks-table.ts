/** What each kind of spec makes a sidecar do before seid starts: the literal table of seinode-tasks.test.ts. */
import type { z } from 'zod'
import type { seiNodeSpec } from '../../src/api/seinode.ts'
import type { PostedTask } from '../support/posted-tasks.ts'

export type SpecInput = z.input<typeof seiNodeSpec>

/** By the name of the node, which the moniker repeats. */
export type TaskTable = Readonly<
  Record<string, readonly [spec: Omit<SpecInput, 'image'>, tasks: readonly PostedTask[]]>
>

export const PEER_A = '0123456789abcdef0123456789abcdef01234567@a.example:26656'
const PEER_B = 'fedcba9876543210fedcba9876543210fedcba98@b.example:26656'
const EC2 = { ec2Tags: { region: 'eu-central-1', tags: { Network: 'pacific-1', Role: 'peer' } } }
const EC2_SOURCE = { type: 'ec2Tags', region: 'eu-central-1', tags: { Network: 'pacific-1', Role: 'peer' } }
const STATIC = { static: { addresses: [PEER_A] } }
const STATIC_SOURCE = { type: 'static', addresses: [PEER_A] }

/** The whole of a config-apply's parameters. */
export function applied(mode: string, overrides: Readonly<Record<string, string>>): PostedTask {
  return ['config-apply', { mode, incremental: false, targetVersion: 0, overrides }]
}

const LAST: readonly PostedTask[] = [['config-validate'], ['mark-ready']]

export const BY_SOURCE: TaskTable = {
  'snapshot-slash': [
    { chainId: 'pacific-1', snapshot: { s3: { uri: 's3://snaps/pacific-1/', region: 'us-east-2' } }, peers: [EC2] },
    [
      ['snapshot-restore', { bucket: 'snaps', prefix: 'pacific-1/', region: 'us-east-2', chainId: 'pacific-1' }],
      ['configure-genesis'],
      applied('full', { 'chain.moniker': 'snapshot-slash' }),
      ['discover-peers', { sources: [EC2_SOURCE] }],
      ['configure-state-sync', { useLocalSnapshot: true, trustPeriod: '9999h0m0s' }],
      ...LAST,
    ],
  ],
  'snapshot-no-slash': [
    {
      chainId: 'atlantic-2',
      snapshot: { s3: { uri: 's3://snaps/deep/down', region: 'us-east-2' }, trustPeriod: '100h' },
      peers: [STATIC],
    },
    [
      ['snapshot-restore', { bucket: 'snaps', prefix: 'deep/down/', region: 'us-east-2', chainId: 'atlantic-2' }],
      ['configure-genesis'],
      applied('full', { 'chain.moniker': 'snapshot-no-slash', 'network.p2p.persistent_peers': PEER_A }),
      ['discover-peers', { sources: [STATIC_SOURCE] }],
      ['configure-state-sync', { useLocalSnapshot: true, trustPeriod: '100h' }],
      ...LAST,
    ],
  ],
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
  'snapshot-own-chain': [
    {
      chainId: 'devnet-7',
      genesis: { s3: { uri: 's3://genesis-files/devnet-7/genesis.json', region: 'us-west-2' } },
      snapshot: { s3: { region: 'us-east-2' } },
      peers: [STATIC],
    },
    [
      [
        'snapshot-restore',
        { bucket: 'devnet-7-snapshots', prefix: 'state-sync/', region: 'us-east-2', chainId: 'devnet-7' },
      ],
      ['configure-genesis', { uri: 's3://genesis-files/devnet-7/genesis.json', region: 'us-west-2' }],
      applied('full', { 'chain.moniker': 'snapshot-own-chain', 'network.p2p.persistent_peers': PEER_A }),
      ['discover-peers', { sources: [STATIC_SOURCE] }],
      ['configure-state-sync', { useLocalSnapshot: true, trustPeriod: '9999h0m0s' }],
      ...LAST,
    ],
  ],
  'state-sync': [
    { chainId: 'pacific-1', snapshot: { stateSync: {} }, peers: [EC2] },
    [
      ['configure-genesis'],
      applied('full', { 'chain.moniker': 'state-sync' }),
      ['discover-peers', { sources: [EC2_SOURCE] }],
      ['configure-state-sync', { useLocalSnapshot: false, trustPeriod: '9999h0m0s' }],
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
  'replayer-state-sync': [
    { chainId: 'atlantic-2', replayer: { peers: [EC2], snapshot: { stateSync: {} } } },
    [
      ['configure-genesis'],
      applied('full', { 'chain.moniker': 'replayer-state-sync' }),
      ['discover-peers', { sources: [EC2_SOURCE] }],
      ['configure-state-sync', { useLocalSnapshot: false, trustPeriod: '9999h0m0s' }],
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
  'genesis-s3': [
    { chainId: 'devnet-7', genesis: { s3: { uri: 's3://genesis-files/g.json', region: 'us-west-2' } } },
    [
      ['configure-genesis', { uri: 's3://genesis-files/g.json', region: 'us-west-2' }],
      applied('full', { 'chain.moniker': 'genesis-s3' }),
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
  'well-known-peers': [
    { chainId: 'arctic-1', peers: [STATIC, EC2] },
    [
      ['configure-genesis'],
      applied('full', { 'chain.moniker': 'well-known-peers', 'network.p2p.persistent_peers': PEER_A }),
      ['discover-peers', { sources: [STATIC_SOURCE, EC2_SOURCE] }],
      ...LAST,
    ],
  ],
}
