/** Which claims a pool may change and delete, whatever their names and labels are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePoolStatus } from '../../../api/seinodepool-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { seiNodePool } from '../../../build/testdata/pools.ts'
import { Store } from '../../../runtime/store.ts'
import { genesisStanding, recordedVolumes, type Standing, standingOf } from './claims.ts'

const pool = seiNodePool('net')
const LABELS = { 'sei.io/nodepool': 'net' }
const OURS = { 'sei.io/made-by': 'uid-of-net' }
const owner = { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNodePool', name: 'net', uid: 'uid-of-net', controller: true }

type Metadata = NonNullable<PersistentVolumeClaim['metadata']>

const rows: readonly (readonly [
  title: string,
  metadata: Metadata,
  recorded: string | undefined,
  prepared: string | undefined,
  standing: Standing,
])[] = [
  ['it carries nothing but the label', { labels: LABELS }, undefined, undefined, 'kept'],
  [
    'it was made for an earlier pool',
    { labels: LABELS, annotations: { 'sei.io/made-by': 'gone' } },
    undefined,
    undefined,
    'kept',
  ],
  ['the genesis volume of an earlier pool has it on record', { labels: LABELS }, 'uid', undefined, 'kept'],
  ['the pool made it', { labels: LABELS, annotations: OURS }, undefined, undefined, 'own'],
  ['the pool controls it', { ownerReferences: [owner] }, undefined, undefined, 'own'],
  ['the pool prepared it, and its labels were taken away', {}, 'uid', 'uid', 'own'],
  ['another is on record', { labels: LABELS }, 'other', 'other', 'replaced'],
  [
    'another is on record, and a backup has brought back that the pool made it',
    { labels: LABELS, annotations: OURS },
    'other',
    'other',
    'replaced',
  ],
  [
    'another is on record, and a backup has brought back its owner',
    { ownerReferences: [owner] },
    'other',
    'other',
    'replaced',
  ],
  [
    'the pool made it in place of the one on record',
    { labels: LABELS, annotations: { ...OURS, 'sei.io/replaces': 'other' } },
    'other',
    'other',
    'own',
  ],
  ['it carries no label', {}, undefined, undefined, 'foreign'],
  [
    'something else controls it',
    { labels: LABELS, ownerReferences: [{ ...owner, uid: 'x', kind: 'Other' }] },
    undefined,
    undefined,
    'foreign',
  ],
  [
    'an earlier pool controls it',
    { labels: LABELS, ownerReferences: [{ ...owner, uid: 'x' }] },
    undefined,
    undefined,
    'foreign',
  ],
]

for (const [title, metadata, recorded, prepared, standing] of rows) {
  test(`failure mode 17: a claim is ${standing}: ${title}`, () => {
    const nodes = prepared === undefined ? [] : [{ name: 'net-0', ready: false, dataVolumeUID: prepared }]
    const found = standingOf(
      { ...pool, status: { nodes } },
      { metadata: { uid: 'uid', ...metadata } },
      recorded,
      prepared,
    )
    assert.equal(found, standing)
  })
}

const MARKS = { 'sei.io/ceremony-chain': 'devnet-1', 'sei.io/ceremony-nodes': '4' }
const prepared = [{ name: 'net-0', ready: true, dataVolumeUID: 'data' }]

const ofGenesis: readonly (readonly [
  title: string,
  status: SeiNodePoolStatus,
  annotations: Record<string, string>,
  Standing,
])[] = [
  ['nothing is on record', {}, MARKS, 'kept'],
  ['the ceremony is known, and no data volume is adopted', { genesis: { hash: 'h' } }, MARKS, 'kept'],
  ['it is on record', { genesis: { hash: 'h', volumeUID: 'uid' } }, {}, 'own'],
  ['another is on record', { genesis: { hash: 'h', volumeUID: 'other' } }, { ...MARKS, ...OURS }, 'replaced'],
  ['an earlier version had it in use and kept no UID', { genesis: { hash: 'h' }, nodes: prepared }, MARKS, 'own'],
  [
    'the same, and it is of another network',
    { genesis: { hash: 'h' }, nodes: prepared },
    { ...MARKS, 'sei.io/ceremony-chain': 'x' },
    'kept',
  ],
]

for (const [title, status, annotations, standing] of ofGenesis) {
  test(`failure mode 17: a genesis volume is ${standing}: ${title}`, () => {
    assert.equal(
      genesisStanding({ ...pool, status }, { metadata: { uid: 'uid', labels: LABELS, annotations } }),
      standing,
    )
  })
}

test('failure mode 15: a validator’s last volume is known from status, else from its SeiNode, else from the genesis volume', () => {
  const nodes = new Store<SeiNode>(object => object)
  const plan = { phase: 'Complete' as const, volumeUID: 'of-node', tasks: [] }
  for (const [name, uid] of [
    ['net-0', 'uid-of-net'],
    ['net-1', 'uid-of-net'],
    ['net-2', 'of-another'],
  ] as const) {
    const metadata = { name, namespace: 'sei', uid: name, resourceVersion: '1', ownerReferences: [{ ...owner, uid }] }
    nodes.observeWrite({ metadata, spec: { chainId: 'devnet-1', image: 'x' }, status: { initPlan: plan } })
  }
  const status = { nodes: [{ name: 'net-0', ready: true, dataVolumeUID: 'of-status' }] }
  const genesis = { metadata: { annotations: { 'sei.io/ceremony-volumes': 'g0,g1,g2,' } } }
  assert.deepEqual(recordedVolumes({ ...pool, status }, genesis, { nodes }), ['of-status', 'of-node', 'g2', undefined])
})
