/** What a plan says that it cannot know. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNode } from '../../build/testdata/nodes.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import type { Prediction, Wanted } from './predict.ts'
import { NOTHING } from './testdata/prediction.ts'
import { type Blind, unknownOf } from './unknown.ts'

const SEES_ALL: Blind = { mayReadClasses: true, mayReadLeases: true, settings: [] }

const tagged = [{ ec2Tags: { region: 'us-east-2', tags: { Network: 'arctic-1' } } }]
const s3 = { uri: 's3://snapshots/x/', region: 'us-east-2' }
const nodeOf = (spec: Parameters<typeof seiNode>[1] = {}): Wanted => ({
  kind: 'SeiNode',
  object: seiNode('rpc-0', spec),
})
const sends = (type: string): Partial<Prediction> => ({
  tasks: [{ node: 'rpc-0', type, part: 'bootstrap', params: undefined }],
})
const claim = {
  kind: 'PersistentVolumeClaim',
  name: 'data-rpc-0',
  action: 'create',
  fields: [],
  isDueAnyway: false,
} as const
const restart = { node: 'rpc-0', pod: 'rpc-0-0', tasksBefore: 0, isDueAnyway: false }

const CASES: readonly (readonly [
  what: string,
  wanted: Wanted,
  prediction: Partial<Prediction>,
  blind: Partial<Blind>,
  says: readonly RegExp[],
])[] = [
  ['nothing that changes', nodeOf(), {}, {}, []],
  ['the settings of the operator', nodeOf(), {}, { settings: ['its settings'] }, [/^its settings$/]],
  ['peers in EC2', nodeOf({ peers: tagged }), sends('discover-peers'), {}, [/which peers EC2 has/, /whether tasks/]],
  [
    'the snapshot in the bucket',
    nodeOf({ snapshot: { s3 } }),
    sends('snapshot-restore'),
    {},
    [/which snapshot/, /whether tasks/],
  ],
  [
    'reservations of keys',
    nodeOf({ mode: 'validator' }),
    { objects: [{ ...claim, kind: 'Service' }] },
    { mayReadLeases: false },
    [/another node has the signing key/, /quotas and admission/],
  ],
  [
    'StorageClasses',
    nodeOf(),
    { objects: [claim] },
    { mayReadClasses: false },
    [/StorageClass exists/, /quotas and admission/],
  ],
  ['when nodes restart', nodeOf(), { restarts: [restart, restart] }, {}, [/whether tasks/, /when each node restarts/]],
  [
    'what a ceremony makes',
    { kind: 'SeiNodePool', object: seiNodePool('net') },
    { jobs: ['net-genesis'], placeholders: new Map([['00ff', '<node id of net-0>']]) },
    {},
    [/the genesis and the node ids/],
  ],
]

for (const [what, wanted, prediction, blind, says] of CASES) {
  test(`tells of ${what}`, () => {
    const found = unknownOf(wanted, { ...NOTHING, ...prediction }, { ...SEES_ALL, ...blind })
    assert.equal(found.length, says.length, found.join('\n'))
    for (const [at, text] of found.entries()) assert.match(text, says[at] ?? /^$/)
  })
}
