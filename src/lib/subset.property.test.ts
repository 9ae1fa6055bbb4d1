/** Laws of the comparison, on JSON objects of any shape. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { differences, isSubset } from './subset.ts'

const FIELDS = ['spec', 'metadata', 'containers', 'env', 'selector', 'labels', 'requests', 'name', 'command']

const scalar = fc.oneof(fc.constantFrom('a', 'b', '1000m'), fc.boolean(), fc.nat({ max: 3 }))

/** Entries of one list differ in their name, as the API server demands where lists are merged by it. */
const { object } = fc.letrec<{ object: Record<string, unknown>; value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    tie('object'),
    fc.uniqueArray(
      fc.tuple(tie('object'), scalar).map(([fields, name]) => Object.assign({}, fields, { name })),
      { maxLength: 3, selector: entry => String(entry.name) },
    ),
  ),
  object: fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 4, noNullPrototype: true }),
}))

/** The object with one more field in every object that is not replaced whole. */
function decorated(value: unknown, inside: string): unknown {
  if (Array.isArray(value)) return value.map(entry => decorated(entry, ''))
  if (typeof value !== 'object' || value === null || inside === 'selector') return value
  const entries = Object.entries(value).map(([field, item]) => [field, decorated(item, field)] as const)
  return { ...Object.fromEntries(entries), addedByOthers: true }
}

test('an object is a subset of itself, and of itself with fields that others added', () => {
  fc.assert(
    fc.property(object, desired => {
      assert.deepEqual(differences(desired, structuredClone(desired)), [])
      assert.deepEqual(differences(desired, decorated(desired, '')), [])
    }),
  )
})

test('a change of any scalar is seen', () => {
  fc.assert(
    fc.property(object, fc.string(), (rest, text) => {
      const desired = { spec: { ...rest, image: `${text}1` } }
      const [path, wanted, other] = ['spec.image', `${text}1`, `${text}2`]
      assert.deepEqual(differences(desired, { spec: { ...rest, image: other } }), [{ path, wanted, found: other }])
      assert.deepEqual(differences(desired, { spec: rest }), [{ path, wanted, found: undefined }])
    }),
  )
})

test('comparing changes neither side, and nothing at all makes it throw', () => {
  fc.assert(
    fc.property(object, fc.jsonValue(), (desired, live) => {
      const before = structuredClone({ desired, live })
      isSubset(desired, live)
      isSubset(live, desired)
      assert.deepEqual({ desired, live }, before)
    }),
  )
})
