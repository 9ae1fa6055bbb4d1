/** What an apply leaves of a live object, and what it takes away. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRecord } from '../../../sidecar/task-result.ts'
import { applyFields } from './apply-fields.ts'

const OURS = 'operator'

function entry(manager: string, fieldsV1: object): object {
  return { manager, operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1 }
}

/** Without the managed fields. */
function applied(live: object | undefined, desired: object): unknown {
  const { metadata, ...rest } = applyFields(live, desired, OURS)
  const { managedFields: _, ...kept } = isRecord(metadata) ? metadata : {}
  return Object.keys(kept).length === 0 ? rest : { ...rest, metadata: kept }
}

const container = (image: string, more: object = {}): object => ({ name: 'seid', image, ...more })
const pod = (containers: readonly object[]): object => ({ spec: { containers } })

const CASES: readonly (readonly [what: string, live: object | undefined, desired: object, result: unknown])[] = [
  ['a new object is what is desired', undefined, { spec: { a: 1, b: undefined } }, { spec: { a: 1 } }],
  [
    'fields of others and defaults stay',
    { spec: { a: 1, other: 2 } },
    { spec: { a: 3 } },
    { spec: { a: 3, other: 2 } },
  ],
  [
    'entries are matched by key, and keep their defaults',
    pod([container('a', { pull: 'Always' }), { name: 'injected' }]),
    pod([container('b')]),
    pod([container('b', { pull: 'Always' }), { name: 'injected' }]),
  ],
  [
    'another way to write a quantity is no change',
    { spec: { limits: { memory: '1024Mi' } } },
    { spec: { limits: { memory: '1Gi' } } },
    { spec: { limits: { memory: '1024Mi' } } },
  ],
  [
    'a list without keys keeps defaults where it is as long',
    { spec: { ports: [{ port: 1, protocol: 'TCP' }], peers: ['a'] } },
    { spec: { ports: [{ port: 1 }], peers: ['b', 'c'] } },
    { spec: { ports: [{ port: 1, protocol: 'TCP' }], peers: ['b', 'c'] } },
  ],
  [
    'a selector is replaced',
    { spec: { selector: { a: '1' } } },
    { spec: { selector: { b: '2' } } },
    { spec: { selector: { b: '2' } } },
  ],
  [
    'finalizers are added',
    { metadata: { finalizers: ['x'] } },
    { metadata: { finalizers: ['y'] } },
    { metadata: { finalizers: ['x', 'y'] } },
  ],
]

for (const [what, live, desired, result] of CASES) test(what, () => assert.deepEqual(applied(live, desired), result))

test('a field that we applied and no longer want goes, unless another manager has it too', () => {
  const before = applyFields(undefined, { metadata: { labels: { a: '1', b: '2' } }, spec: { x: { y: 1 } } }, OURS)
  assert.deepEqual(applied(before, { metadata: { labels: { b: '2' } } }), {
    metadata: { labels: { b: '2' } },
  })
  const shared = {
    metadata: {
      labels: { a: '1' },
      managedFields: ['x', OURS].map(each => entry(each, { 'f:metadata': { 'f:labels': { 'f:a': {} } } })),
    },
  }
  assert.deepEqual(applied(shared, {}), { metadata: { labels: { a: '1' } } })
})

test('an entry that we applied goes with its defaults, and one of another manager stays', () => {
  const before = applyFields(pod([{ name: 'injected' }]), pod([container('a'), { name: 'old', image: 'b' }]), OURS)
  assert.deepEqual(applied(before, pod([container('a')])), pod([{ name: 'injected' }, container('a')]))
  const ours = entry(OURS, { 'f:metadata': { 'f:finalizers': { 'v:"ours"': {} } } })
  const live = { metadata: { finalizers: ['theirs', 'ours'], managedFields: [ours] } }
  assert.deepEqual(applied(live, {}), { metadata: { finalizers: ['theirs'] } })
})
