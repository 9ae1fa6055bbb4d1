/** The parameters of each task, by spec. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sample, seiNode } from '../build/testdata/nodes.ts'
import { platform } from '../build/testdata/platform.ts'
import { taskParams } from './task-params.ts'
import { TASK_TYPES, isTaskType, type TaskType } from './task-type.ts'

type Spec = NonNullable<Parameters<typeof seiNode>[1]>

const A = `${'a'.repeat(40)}@one.example:26656`
const peers = [{ static: { addresses: [A] } }]
const tags = { Network: 'pacific-1', Component: 'snapshotter' }

const rows: readonly (readonly [task: TaskType, title: string, spec: Spec, expected: unknown])[] = [
  [
    'snapshot-restore',
    'a uri without a slash at its end',
    { peers, snapshot: { s3: { uri: 's3://snaps/pacific-1', region: 'us-east-2' } } },
    { bucket: 'snaps', prefix: 'pacific-1/', region: 'us-east-2', chainId: 'pacific-1' },
  ],
  [
    'snapshot-restore',
    'a uri with a slash at its end, and a height',
    { peers, snapshot: { s3: { uri: 's3://snaps/a/b/', region: 'us-east-2', targetHeight: 7 } } },
    { bucket: 'snaps', prefix: 'a/b/', region: 'us-east-2', chainId: 'pacific-1', targetHeight: 7 },
  ],
  [
    'snapshot-restore',
    'a bucket alone',
    { peers, snapshot: { s3: { uri: 's3://snaps', region: 'us-east-2' } } },
    { bucket: 'snaps', prefix: '', region: 'us-east-2', chainId: 'pacific-1' },
  ],
  [
    'snapshot-restore',
    'no uri (R13)',
    { replayer: { peers, snapshot: { s3: { region: 'eu-central-1' } } } },
    { bucket: 'pacific-1-snapshots', prefix: 'state-sync/', region: 'eu-central-1', chainId: 'pacific-1' },
  ],
  [
    'configure-genesis',
    'a genesis in S3',
    { genesis: { s3: { uri: 's3://genesis/x/genesis.json', region: 'us-east-2' } } },
    { uri: 's3://genesis/x/genesis.json', region: 'us-east-2' },
  ],
  [
    'configure-genesis',
    'a genesis in S3 whose hash is known',
    { genesis: { s3: { uri: 's3://genesis/x/genesis.json', region: 'us-east-2', sha256: 'ab'.repeat(32) } } },
    { uri: 's3://genesis/x/genesis.json', region: 'us-east-2', expectedGenesisHash: 'ab'.repeat(32) },
  ],
  ['configure-genesis', 'a well-known chain', {}, undefined],
  [
    'config-apply',
    'a validator with settings of the user',
    { mode: 'validator', overrides: { 'network.rpc.listen_address': 'tcp://127.0.0.1:26657' } },
    {
      mode: 'validator',
      incremental: false,
      targetVersion: 0,
      overrides: {
        'chain.moniker': 'a',
        'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
        'network.rpc.listen_address': 'tcp://127.0.0.1:26657',
      },
    },
  ],
  [
    'config-apply',
    'a replayer, which runs as a full node',
    { replayer: { peers: [{ ec2Tags: { region: 'r', tags } }], snapshot: { stateSync: {} } } },
    { mode: 'full', incremental: false, targetVersion: 0, overrides: { 'chain.moniker': 'a' } },
  ],
  [
    'discover-peers',
    'sources of both kinds',
    { peers: [{ ec2Tags: { region: 'us-east-2', tags } }, ...peers] },
    {
      sources: [
        { type: 'ec2Tags', region: 'us-east-2', tags },
        { type: 'static', addresses: [A] },
      ],
    },
  ],
  [
    'configure-state-sync',
    'a snapshot in S3, which is on the volume by then',
    { peers, snapshot: { s3: { region: 'us-east-2' }, trustPeriod: '100h', backfillBlocks: 10 } },
    { useLocalSnapshot: true, trustPeriod: '100h', backfillBlocks: 10 },
  ],
  [
    'configure-state-sync',
    'a snapshot of the peers',
    { peers, snapshot: { stateSync: {} } },
    { useLocalSnapshot: false, trustPeriod: '9999h0m0s' },
  ],
  [
    'configure-state-sync',
    'peers that serve no RPC',
    { peers, snapshot: { stateSync: {}, rpcServers: ['rpc.example:443'] } },
    { useLocalSnapshot: false, trustPeriod: '9999h0m0s', rpcServers: ['rpc.example:443'] },
  ],
  ['config-validate', 'any node', {}, undefined],
  ['mark-ready', 'any node', {}, undefined],
]

for (const [task, title, spec, expected] of rows) {
  test(`R11: ${task} for ${title}`, () => {
    assert.deepEqual(taskParams(task, seiNode('a', spec), platform), expected)
  })
}

/** The overrides of an incremental config-apply, as far as they concern peers. */
function peerOverrides(spec: Spec): unknown {
  const overrides = taskParams('config-apply', seiNode('a', spec), platform, 'incremental')?.['overrides']
  assert.ok(typeof overrides === 'object' && overrides !== null)
  return Object.fromEntries(Object.entries(overrides).filter(([key]) => key === 'network.p2p.persistent_peers'))
}

test('failure mode 10: an incremental config-apply removes peers only if the spec has none, and keeps discovered ones', () => {
  const ec2 = { ec2Tags: { region: 'us-east-2', tags } }
  assert.deepEqual(peerOverrides({}), { 'network.p2p.persistent_peers': '' })
  assert.deepEqual(peerOverrides({ peers: [ec2] }), {})
  assert.deepEqual(peerOverrides({ peers }), { 'network.p2p.persistent_peers': A })
  assert.deepEqual(peerOverrides({ peers: [ec2, ...peers] }), { 'network.p2p.persistent_peers': A })
})

test('R13: the sample replayer restores from the bucket and the prefix of its chain', () => {
  assert.deepEqual(taskParams('snapshot-restore', sample('seinode-shadow-replayer.yaml'), platform), {
    bucket: 'pacific-1-snapshots',
    prefix: 'state-sync/',
    region: 'eu-central-1',
    chainId: 'pacific-1',
  })
})

test('a type is known only when this operator can build its parameters', () => {
  assert.ok(TASK_TYPES.every(isTaskType))
  assert.equal(isTaskType('snapshot-upload'), false)
  assert.equal(isTaskType('toString'), false)
})
