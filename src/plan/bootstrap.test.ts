/** Which tasks each kind of spec asks for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNodeSpec } from '../api/seinode.ts'
import type { Peer, Snapshot } from '../api/shared.ts'
import { bootstrapMode, bootstrapTasks } from './bootstrap.ts'

const base: SeiNodeSpec = { chainId: 'pacific-1', image: 'seid:v1' }
const s3: Snapshot = { s3: { region: 'us-east-2' }, trustPeriod: '9999h0m0s' }
const stateSync: Snapshot = { stateSync: {}, trustPeriod: '9999h0m0s' }
const genesis = { s3: { uri: 's3://bucket/genesis.json', region: 'us-east-2' } }
const peers: Peer[] = [{ ec2Tags: { region: 'us-east-2', tags: { Network: 'pacific-1' } } }]

const rows: readonly [string, SeiNodeSpec, string, string][] = [
  [
    'failure mode 9: Snapshot, which state sync has to be pointed at,',
    { ...base, snapshot: s3, peers },
    'Snapshot',
    'snapshot-restore configure-genesis config-apply discover-peers configure-state-sync config-validate mark-ready',
  ],
  [
    'Snapshot with a genesis in S3',
    { ...base, snapshot: s3, peers, genesis },
    'Snapshot',
    'snapshot-restore configure-genesis config-apply discover-peers configure-state-sync config-validate mark-ready',
  ],
  [
    'Replayer',
    { ...base, replayer: { peers, snapshot: s3 } },
    'Replayer',
    'snapshot-restore configure-genesis config-apply discover-peers configure-state-sync config-validate mark-ready',
  ],
  [
    'Replayer by state sync',
    { ...base, replayer: { peers, snapshot: stateSync } },
    'Replayer',
    'configure-genesis config-apply discover-peers configure-state-sync config-validate mark-ready',
  ],
  [
    'state sync without S3',
    { ...base, snapshot: stateSync, peers },
    'StateSync',
    'configure-genesis config-apply discover-peers configure-state-sync config-validate mark-ready',
  ],
  [
    'Genesis PVC',
    { ...base, genesis: { pvc: { dataPVC: 'data-a' } } },
    'GenesisPVC',
    'config-apply config-validate mark-ready',
  ],
  [
    'Genesis PVC with peers',
    { ...base, genesis: { pvc: { dataPVC: 'data-a' } }, peers },
    'GenesisPVC',
    'config-apply discover-peers config-validate mark-ready',
  ],
  ['Genesis S3', { ...base, genesis }, 'GenesisS3', 'configure-genesis config-apply config-validate mark-ready'],
  [
    'Genesis S3 with peers',
    { ...base, genesis, peers },
    'GenesisS3',
    'configure-genesis config-apply discover-peers config-validate mark-ready',
  ],
  ['a well-known chain', base, 'Genesis', 'configure-genesis config-apply config-validate mark-ready'],
  [
    'an empty list of peers',
    { ...base, peers: [] },
    'Genesis',
    'configure-genesis config-apply config-validate mark-ready',
  ],
]

for (const [title, spec, mode, tasks] of rows) {
  test(`R11: ${title} is bootstrapped by ${tasks.split(' ').length} tasks in their order`, () => {
    assert.equal(bootstrapMode(spec), mode)
    assert.equal(bootstrapTasks(spec).join(' '), tasks)
  })
}
