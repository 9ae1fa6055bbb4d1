/** Which fields of two states of an object are shown as changed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changedFields, type FieldChange, withoutOwnFields } from './object-diff.ts'

const seid = (image: string, env: readonly object[] = []): object => ({
  spec: { containers: [{ name: 'seid', image, env }] },
})

const CASES: readonly (readonly [what: string, before: object, after: object, found: readonly FieldChange[]])[] = [
  ['the same, whatever the order', { spec: { a: 1, b: [2] } }, { spec: { b: [2], a: 1 } }, []],
  ['a value', seid('a'), seid('b'), [{ path: 'spec.containers[name=seid].image', before: 'a', after: 'b' }]],
  [
    'entries that come and go are whole',
    seid('a', [{ name: 'X', value: '1' }]),
    seid('a', [{ name: 'Y', value: '1' }]),
    [
      { path: 'spec.containers[name=seid].env[name=X]', before: { name: 'X', value: '1' } },
      { path: 'spec.containers[name=seid].env[name=Y]', after: { name: 'Y', value: '1' } },
    ],
  ],
  ['a new field', { spec: {} }, { spec: { size: '1Gi' } }, [{ path: 'spec.size', after: '1Gi' }]],
  [
    'lists of one length, item by item',
    { spec: { p: [1, 2] } },
    { spec: { p: [1, 3] } },
    [{ path: 'spec.p[1]', before: 2, after: 3 }],
  ],
  [
    'lists of another length, whole',
    { spec: { p: [1] } },
    { spec: { p: [1, 3] } },
    [{ path: 'spec.p', before: [1], after: [1, 3] }],
  ],
  [
    "not the server's own fields, nor the operator's",
    { metadata: { resourceVersion: '1', annotations: { 'sei.io/applied-hash': 'a', mine: 'x' } }, status: { a: 1 } },
    { metadata: { resourceVersion: '2', annotations: { 'sei.io/applied-hash': 'b', mine: 'y' } }, status: { a: 2 } },
    [{ path: 'metadata.annotations.mine', before: 'x', after: 'y' }],
  ],
]

for (const [what, before, after, found] of CASES)
  test(`changed fields: ${what}`, () => assert.deepEqual(changedFields(before, after), found))

test('a new object is shown without what the API server adds', () => {
  const metadata = {
    name: 'a',
    uid: 'u',
    resourceVersion: '1',
    managedFields: [],
    annotations: { 'sei.io/applied-hash': 'x' },
  }
  assert.deepEqual(withoutOwnFields({ kind: 'Service', metadata }), { kind: 'Service', metadata: { name: 'a' } })
})
