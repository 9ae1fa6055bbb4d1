/** The overrides of a full config-apply, by mode and spec. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeSettings } from '../build/node-settings.ts'
import { seiNode } from '../build/testdata/nodes.ts'
import { platform } from '../build/testdata/platform.ts'
import { configOverrides } from './wanted-config.ts'

const A = `${'a'.repeat(40)}@one.example:26656`
const B = `${'b'.repeat(40)}@two.example:26656`
const ec2 = { ec2Tags: { region: 'us-east-2', tags: { Network: 'pacific-1' } } }
const snapshot = { stateSync: {} }
const generation = { keepRecent: 5 }
const listen = {
  'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
  'network.rpc.listen_address': 'tcp://0.0.0.0:26657',
}

type Spec = NonNullable<Parameters<typeof seiNode>[1]>

const rows: readonly (readonly [title: string, spec: Spec, expected: Readonly<Record<string, string>>])[] = [
  ['a full node', {}, {}],
  ['an archive node', { mode: 'archive' }, {}],
  ['a validator, which older sidecars bind to loopback (failure mode 11)', { mode: 'validator' }, listen],
  ['a seed, which sidecars bind to loopback (failure mode 11)', { mode: 'seed' }, listen],
  [
    'static peers of all sources, in order and without repeats',
    { peers: [{ static: { addresses: [A] } }, ec2, { static: { addresses: [B, A] } }] },
    { 'network.p2p.persistent_peers': `${A},${B}` },
  ],
  ['peers by tags alone, which only a sidecar can look up', { peers: [ec2] }, {}],
  [
    "a replayer's own peers",
    { replayer: { peers: [{ static: { addresses: [B] } }], snapshot } },
    { 'network.p2p.persistent_peers': B },
  ],
  [
    'snapshots of a full node, which prunes nothing then',
    { snapshotGeneration: generation },
    {
      'storage.pruning': 'nothing',
      'storage.snapshot_interval': '2000',
      'storage.snapshot_keep_recent': '5',
    },
  ],
  [
    'snapshots of an archive node, which keeps everything already',
    { mode: 'archive', snapshotGeneration: { ...generation, interval: 500 } },
    { 'storage.snapshot_interval': '500', 'storage.snapshot_keep_recent': '5' },
  ],
  [
    "a user's values, which win over every one of ours",
    {
      mode: 'validator',
      snapshotGeneration: generation,
      peers: [{ static: { addresses: [A] } }],
      overrides: {
        'chain.moniker': 'mine',
        'network.p2p.persistent_peers': '',
        'network.p2p.listen_address': 'tcp://127.0.0.1:1',
        'storage.pruning': 'custom',
        'evm.slow': 'true',
      },
    },
    {
      ...listen,
      'chain.moniker': 'mine',
      'network.p2p.persistent_peers': '',
      'network.p2p.listen_address': 'tcp://127.0.0.1:1',
      'storage.pruning': 'custom',
      'storage.snapshot_interval': '2000',
      'storage.snapshot_keep_recent': '5',
      'evm.slow': 'true',
    },
  ],
]

for (const [title, spec, expected] of rows) {
  test(`config-apply keeps its moniker and, for ${title}: ${Object.keys(expected).join(', ') || 'no more'}`, () => {
    const node = seiNode('a', spec)
    assert.deepEqual(configOverrides(node, nodeSettings(node, platform)), { 'chain.moniker': 'a', ...expected })
  })
}
