/** What is reported of a kept volume that a new spec asks more of than it can give. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodeSpec } from '../api/seinode.ts'
import { seiNode } from '../build/testdata/nodes.ts'
import { adoptedAsIs } from './adopted-as-is.ts'

const claim: PersistentVolumeClaim = {
  metadata: {
    annotations: { 'sei.io/initialized-genesis': 's3://old/genesis.json', 'sei.io/initialized-snapshot': 'state sync' },
  },
  spec: { storageClassName: 'gp3', resources: { requests: { storage: '1000Gi' } } },
}
const same: Partial<SeiNodeSpec> = {
  genesis: { s3: { uri: 's3://old/genesis.json', region: 'us-east-2' } },
  snapshot: { stateSync: {}, trustPeriod: '1h' },
}
const storage = { retainOnDelete: true }

const rows: readonly (readonly [
  title: string,
  spec: Partial<SeiNodeSpec>,
  classExists: boolean | 'unknown',
  ...found: string[],
])[] = [
  ['all is as the spec says', { ...same, storage: { ...storage, size: '1Ti', storageClassName: 'gp3' } }, true],
  ['the spec names neither class nor size', same, true],
  ['a larger size, which it grows to', { ...same, storage: { ...storage, size: '2000Gi' } }, true],
  [
    'another class',
    { ...same, storage: { ...storage, storageClassName: 'io2' } },
    true,
    'spec.storage.storageClassName is io2, and it has StorageClass gp3',
  ],
  [
    'a class that does not exist',
    { ...same, storage: { ...storage, storageClassName: 'no-such-class' } },
    false,
    'spec.storage.storageClassName is no-such-class, which does not exist, and it has StorageClass gp3',
  ],
  [
    'a smaller size',
    { ...same, storage: { ...storage, size: '500Gi' } },
    true,
    'spec.storage.size is 500Gi, and it has 1000Gi, which cannot shrink',
  ],
  [
    'another genesis',
    { ...same, genesis: { s3: { uri: 's3://new/genesis.json', region: 'us-east-2' } } },
    true,
    'spec.genesis is s3://new/genesis.json, and its genesis file came from s3://old/genesis.json',
  ],
  [
    'another snapshot',
    { ...same, snapshot: { s3: { uri: 's3://snapshots/a', region: 'us-east-2', targetHeight: 7 }, trustPeriod: '1h' } },
    true,
    'spec.snapshot is s3://snapshots/a up to height 7, and its state began from state sync',
  ],
  [
    'none of all that',
    {
      snapshot: { s3: { region: 'us-east-2' }, trustPeriod: '1h' },
      storage: { ...storage, storageClassName: 'io2', size: '1Gi' },
    },
    'unknown',
    'spec.storage.storageClassName is io2, and it has StorageClass gp3',
    'spec.storage.size is 1Gi, and it has 1000Gi, which cannot shrink',
    'spec.genesis is built-in, and its genesis file came from s3://old/genesis.json',
    'spec.snapshot is s3://pacific-1-snapshots/state-sync/, and its state began from state sync',
  ],
]

for (const [title, spec, classExists, ...found] of rows) {
  test(`an adopted volume: ${title}`, () => {
    assert.deepEqual(adoptedAsIs({ ...seiNode('a').spec, ...spec }, claim, classExists), found)
  })
}

test('the size of an adopted volume is its capacity, whatever its claim asks for', () => {
  const spec = { ...seiNode('a').spec, ...same, storage: { ...storage, size: '1500Gi' } }
  assert.deepEqual(adoptedAsIs(spec, { ...claim, status: { capacity: { storage: '2000Gi' } } }, true), [
    'spec.storage.size is 1500Gi, and it has 2000Gi, which cannot shrink',
  ])
  assert.deepEqual(adoptedAsIs(spec, { ...claim, status: { capacity: { storage: '1500Gi' } } }, true), [])
})

test('nothing is reported for a volume without annotations on its origin', () => {
  assert.deepEqual(adoptedAsIs({ ...seiNode('a').spec, ...same }, { spec: claim.spec ?? {} }, true), [])
})
