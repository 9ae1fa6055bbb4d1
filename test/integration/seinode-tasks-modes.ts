/** What the mode, snapshots and overrides change in a bootstrap, and the samples: more rows for seinode-tasks.test.ts. */
import type { PostedTask } from '../support/posted-tasks.ts'
import { applied, PEER_A, type TaskTable } from './seinode-tasks-table.ts'

const chainId = 'pacific-1'
const peers = [{ static: { addresses: [PEER_A] } }]

/** The bootstrap of a well-known chain without peers, which differs in config-apply alone. */
function onlyConfig(mode: string, overrides: Readonly<Record<string, string>>): readonly PostedTask[] {
  return [['configure-genesis'], applied(mode, overrides), ['config-validate'], ['mark-ready']]
}

export const BY_MODE: TaskTable = {
  'mode-full': [{ chainId, mode: 'full' }, onlyConfig('full', { 'chain.moniker': 'mode-full' })],
  'mode-archive': [{ chainId, mode: 'archive' }, onlyConfig('archive', { 'chain.moniker': 'mode-archive' })],
  'mode-validator': [
    { chainId, mode: 'validator' },
    onlyConfig('validator', {
      'chain.moniker': 'mode-validator',
      'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
      'network.rpc.listen_address': 'tcp://0.0.0.0:26657',
    }),
  ],
  'mode-seed': [
    { chainId, mode: 'seed', peers },
    [
      ['configure-genesis'],
      applied('seed', {
        'chain.moniker': 'mode-seed',
        'network.p2p.persistent_peers': PEER_A,
        'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
        'network.rpc.listen_address': 'tcp://0.0.0.0:26657',
      }),
      ['discover-peers', { sources: [{ type: 'static', addresses: [PEER_A] }] }],
      ['config-validate'],
      ['mark-ready'],
    ],
  ],
  'makes-snapshots': [
    { chainId, snapshotGeneration: { keepRecent: 2 } },
    onlyConfig('full', {
      'chain.moniker': 'makes-snapshots',
      'storage.pruning': 'nothing',
      'storage.snapshot_interval': '2000',
      'storage.snapshot_keep_recent': '2',
    }),
  ],
  'archive-makes-snapshots': [
    { chainId, mode: 'archive', snapshotGeneration: { interval: 500, keepRecent: 7 } },
    onlyConfig('archive', {
      'chain.moniker': 'archive-makes-snapshots',
      'storage.snapshot_interval': '500',
      'storage.snapshot_keep_recent': '7',
    }),
  ],
  'validator-makes-snapshots': [
    { chainId, mode: 'validator', snapshotGeneration: { interval: 1, keepRecent: 1000 } },
    onlyConfig('validator', {
      'chain.moniker': 'validator-makes-snapshots',
      'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
      'network.rpc.listen_address': 'tcp://0.0.0.0:26657',
      'storage.pruning': 'nothing',
      'storage.snapshot_interval': '1',
      'storage.snapshot_keep_recent': '1000',
    }),
  ],
  'user-wins': [
    {
      chainId,
      mode: 'validator',
      snapshotGeneration: { keepRecent: 5 },
      overrides: {
        'chain.moniker': 'mine',
        'storage.pruning': 'custom',
        'storage.snapshot_interval': '10',
        'evm.http_enabled': 'false',
      },
    },
    onlyConfig('validator', {
      'chain.moniker': 'mine',
      'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
      'network.rpc.listen_address': 'tcp://0.0.0.0:26657',
      'storage.pruning': 'custom',
      'storage.snapshot_interval': '10',
      'storage.snapshot_keep_recent': '5',
      'evm.http_enabled': 'false',
    }),
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
