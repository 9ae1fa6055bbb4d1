/** What only the cluster can tell of a spec. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNode } from '../../build/testdata/nodes.ts'
import { planOf, podOf } from './testdata/objects.ts'
import { validateNode, type SpecFacts } from './validate.ts'

const facts: SpecFacts = {
  prepared: undefined,
  own: undefined,
  storageClassName: 'fast',
  storageClassExists: true,
  canGrow: true,
  volumeUser: undefined,
  pod: undefined,
}
const prepared = seiNode('a', { chainId: 'devnet', genesis: { pvc: { dataPVC: 'data-devnet-0' } } })
const going = { metadata: { name: 'data-devnet-0', deletionTimestamp: '2026-05-01T12:00:00Z' } }

type Row = readonly [
  title: string,
  node: ReturnType<typeof seiNode>,
  facts: Partial<SpecFacts>,
  reason: string,
  blocks: boolean,
  ...words: readonly RegExp[],
]

const rows: readonly Row[] = [
  ['its class exists', seiNode('a'), {}, 'Valid', false],
  [
    'the default class is missing',
    seiNode('a'),
    { storageClassExists: false },
    'StorageClassNotFound',
    false,
    /StorageClass fast \(the platform's default\) does not exist/,
  ],
  [
    'the class that the spec names is missing',
    seiNode('a', { storage: { storageClassName: 'fast' } }),
    { storageClassExists: false },
    'StorageClassNotFound',
    false,
    /spec\.storage\.storageClassName/,
  ],
  [
    'its class is gone, and its volume is bound already',
    seiNode('a'),
    { storageClassExists: false, own: { status: { phase: 'Bound' } } },
    'Valid',
    false,
  ],
  [
    'its class is missing, and its claim waits for it',
    seiNode('a'),
    { storageClassExists: false, own: { status: { phase: 'Pending' } } },
    'StorageClassNotFound',
    false,
  ],
  [
    'whether its class exists is not known, and its claim waits',
    seiNode('a'),
    { storageClassExists: 'unknown', own: { status: { phase: 'Pending' } } },
    'StorageClassNotChecked',
    false,
    /StorageClass fast .*may not read StorageClasses/,
  ],
  [
    'whether its class exists is not known, and its volume is bound already',
    seiNode('a'),
    { storageClassExists: 'unknown', own: { status: { phase: 'Bound' } } },
    'Valid',
    false,
  ],
  [
    'the prepared volume is there, whatever its class',
    prepared,
    { prepared: { metadata: { name: 'data-devnet-0' } }, storageClassExists: false },
    'Valid',
    false,
  ],
  [
    'the prepared volume is not there',
    prepared,
    {},
    'DataVolumeNotFound',
    true,
    /genesis\.pvc\.dataPVC/,
    /PersistentVolumeClaim data-devnet-0 in namespace sei does not exist/,
  ],
  [
    'the prepared volume is being deleted',
    prepared,
    { prepared: going },
    'DataVolumeTerminating',
    true,
    /being deleted/,
  ],
  [
    'the prepared volume is being deleted, and the pod that has it in use lives on',
    { ...prepared, status: { initPlan: planOf(['mark-ready'], 1) } },
    { prepared: { metadata: { ...going.metadata, uid: 'volume-1' } }, pod: podOf() },
    'Valid',
    false,
  ],
  [
    'the prepared volume is being deleted, and it is not the one that the pod uses',
    { ...prepared, status: { initPlan: planOf(['mark-ready'], 1) } },
    { prepared: { metadata: { ...going.metadata, uid: 'volume-2' } }, pod: podOf() },
    'DataVolumeTerminating',
    true,
  ],
]

for (const [title, node, more, reason, blocks, ...words] of rows) {
  test(`${reason}${blocks ? ', and nothing is made' : ''}: ${title}`, () => {
    const verdict = validateNode(node, { ...facts, ...more })
    assert.deepEqual([verdict.reason, verdict.blocks], [reason, blocks])
    for (const word of words) assert.match(verdict.message, word)
  })
}
