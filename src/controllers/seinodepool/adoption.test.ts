/** When a pool takes the volumes of an earlier one of its name on record, and what it then says of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { platform } from '../../build/testdata/platform.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import { genesisSpecHash } from '../../build/pool/volume.ts'
import type { Preparation } from './jobs/preparation.ts'
import type { PoolObservation } from './observation.ts'
import { buildPoolStatus } from './status.ts'
import { poolObservation } from './testdata/observation.ts'
import { validatePool } from './validate.ts'

const kept = (index: number): Preparation => ({
  kind: 'prepared',
  volumeUID: `uid-${index}`,
  isNew: true,
  isKept: true,
})
const made = (index: number): Preparation => ({ kind: 'prepared', volumeUID: `uid-${index}`, isNew: true })
const refused: Preparation = { kind: 'other-genesis', message: 'another' }
const OWN = { uid: 'genesis', isOwn: true }
const KEPT = { uid: 'genesis', isOwn: false }

const rows: readonly (readonly [
  title: string,
  genesisVolume: PoolObservation['genesisVolume'],
  preparations: readonly Preparation[],
  recorded: readonly (string | undefined)[],
  genesisUID: string | undefined,
])[] = [
  ['its own, one by one', OWN, [made(0), refused], ['uid-0', undefined], 'genesis'],
  ['kept ones, when all are of its network', KEPT, [kept(0), kept(1)], ['uid-0', 'uid-1'], 'genesis'],
  ['none, while one of them is refused', KEPT, [kept(0), refused], [undefined, undefined], undefined],
  ['none that it made beside them either', KEPT, [made(0), refused], [undefined, undefined], undefined],
  [
    'its own beside a kept one, on a genesis of its own',
    OWN,
    [made(0), kept(1), refused],
    ['uid-0', undefined, undefined],
    'genesis',
  ],
]

for (const [title, genesisVolume, preparations, recorded, genesisUID] of rows) {
  test(`failure mode 17: a pool takes volumes on record: ${title}`, () => {
    const observation = poolObservation({ genesisVolume, preparations })
    const status = buildPoolStatus({ ...observation, members: observation.members.slice(0, preparations.length) })
    assert.deepEqual(
      status.nodes?.map(({ dataVolumeUID }) => dataVolumeUID),
      recorded,
    )
    assert.equal(status.genesis?.volumeUID, genesisUID)
  })
}

test('failure mode 15: a volume stays on record until the one that was accepted in its place is prepared', () => {
  const nodes = [{ name: 'net-0', ready: false, dataVolumeUID: 'old' }]
  for (const kind of ['running', 'stuck', 'failed', 'other-genesis', 'waiting'] as const) {
    const observation = poolObservation({ preparations: [{ kind, message: 'x' }] })
    const status = buildPoolStatus({ ...observation, pool: { ...observation.pool, status: { nodes } } })
    assert.equal(status.nodes?.[0]?.dataVolumeUID, 'old')
  }
})

test('R2: what kept volumes cannot give a pool is reported, a class that does not exist and another genesis too', () => {
  const spec = { size: '500Gi', storageClassName: 'no-such-class' }
  const pool = seiNodePool('net', { storage: spec, genesis: { params: { 'app_state.x': '1' } } })
  const data = {
    metadata: { name: 'data-net-0', uid: 'uid-0', annotations: { 'sei.io/made-by': 'earlier' } },
    spec: { storageClassName: 'gp3', resources: { requests: { storage: '1000Gi' } } },
    status: { phase: 'Bound', capacity: { storage: '1000Gi' } },
  }
  const marks = { 'sei.io/made-by': 'earlier', 'sei.io/ceremony-spec': genesisSpecHash(seiNodePool('net')) }
  const genesis = { metadata: { name: 'g', uid: 'genesis', annotations: marks }, status: { phase: 'Bound' } }
  const facts = {
    claims: [genesis, data],
    classExists: (name: string) => name !== 'no-such-class',
    canGrow: () => true,
  }
  const nodes = [{ name: 'net-0', ready: true, dataVolumeUID: 'uid-0' }]
  const adopted = { ...pool, status: { nodes, genesis: { hash: 'h', volumeUID: 'genesis' } } }
  const { reason, message } = validatePool(adopted, facts, platform)
  assert.equal(reason, 'VolumesAdoptedAsIs')
  assert.match(message, /spec\.genesis differs from the one that the ceremony used/)
  assert.match(
    message,
    /of data-net-0 .*no-such-class, which does not exist.*spec\.storage\.size is 500Gi, and it has 1000Gi/,
  )
  // Nothing is adopted before it is on record.
  assert.notEqual(validatePool(pool, facts, platform).reason, 'VolumesAdoptedAsIs')
})
