/** A snapshot that is edited while its bootstrap runs is used as far as it was not sent yet. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlannedTask, TaskPlan } from '../api/seinode-status.ts'
import type { SeiNodeSpec } from '../api/seinode.ts'
import { seiNode } from '../build/testdata/nodes.ts'
import { beganFrom, changedSince, snapshotHashOf } from './used-snapshot.ts'
import { snapshotHash } from './wanted-config.ts'

type Snapshot = NonNullable<Parameters<typeof seiNode>[1]>['snapshot']

const peers = [{ static: { addresses: [`${'ab'.repeat(20)}@a.example:26656`] } }]
const specOf = (snapshot: Snapshot): SeiNodeSpec => seiNode('a', { peers, ...(snapshot ? { snapshot } : {}) }).spec

const before = specOf({ s3: { region: 'us-east-2', uri: 's3://one/' } })
const sent = (type: string, status: PlannedTask['status']): PlannedTask => {
  const specHash = snapshotHashOf(type, before)
  return { type, status, ...(specHash === undefined ? {} : { specHash }) }
}

const restored = [sent('snapshot-restore', 'Complete'), sent('configure-genesis', 'Submitted')]
const configured = [sent('snapshot-restore', 'Complete'), sent('configure-state-sync', 'Complete')]

const rows: readonly (readonly [string, readonly PlannedTask[], SeiNodeSpec, readonly string[] | undefined])[] = [
  ['nothing was changed', restored, before, []],
  [
    'another place, after the restore',
    restored,
    specOf({ s3: { region: 'us-east-2', uri: 's3://two/' } }),
    ['snapshot-restore'],
  ],
  [
    'another height, while it is restored',
    [sent('snapshot-restore', 'Submitted')],
    specOf({ s3: { region: 'us-east-2', uri: 's3://one/', targetHeight: 5 } }),
    ['snapshot-restore'],
  ],
  [
    'another place, before the restore is sent again',
    [sent('snapshot-restore', 'Pending')],
    specOf({ s3: { region: 'us-east-2', uri: 's3://two/' } }),
    undefined,
  ],
  [
    'another period of trust, which is yet to be sent',
    restored,
    specOf({ s3: { region: 'us-east-2', uri: 's3://one/' }, trustPeriod: '1h' }),
    [],
  ],
  [
    'another period of trust, which was sent',
    configured,
    specOf({ s3: { region: 'us-east-2', uri: 's3://one/' }, trustPeriod: '1h' }),
    ['configure-state-sync'],
  ],
  [
    'other RPC servers, which were sent',
    configured,
    specOf({ s3: { region: 'us-east-2', uri: 's3://one/' }, rpcServers: ['rpc.example:26657'] }),
    ['configure-state-sync'],
  ],
  ['no snapshot any more', configured, specOf(undefined), ['snapshot-restore', 'configure-state-sync']],
  [
    'a plan of an earlier version, which recorded nothing',
    [{ type: 'snapshot-restore', status: 'Complete' }],
    before,
    undefined,
  ],
]

for (const [title, tasks, spec, changed] of rows) {
  test(`a snapshot edited during the bootstrap: ${title}`, () => {
    assert.deepEqual(changedSince({ phase: 'Active', tasks: [...tasks] }, spec), changed)
  })
}

function completed(spec: SeiNodeSpec, tasks: readonly PlannedTask[]): TaskPlan {
  return { phase: 'Complete', tasks: [...tasks], snapshotHash: snapshotHash(spec) }
}

test('a volume began from the snapshot of the spec unless that was edited after it was sent, or after the bootstrap', () => {
  const edited = specOf({ s3: { region: 'us-east-2', uri: 's3://two/' } })
  assert.equal(beganFrom(completed(before, restored), before), true)
  assert.equal(beganFrom(completed(edited, restored), edited), false)
  assert.equal(beganFrom(completed(before, restored), edited), false)
  assert.equal(beganFrom(completed(before, []), edited), false)
  assert.equal(beganFrom({ phase: 'Complete', tasks: [] }, edited), true)
})
