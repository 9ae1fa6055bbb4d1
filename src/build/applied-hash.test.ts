/** The hash of an applied object changes with all that is wanted of it, and with nothing else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/types.ts'
import { withAppliedHash } from './applied-hash.ts'

const hashOf = (object: KubeObject): string | undefined =>
  withAppliedHash(object).metadata?.annotations?.['sei.io/applied-hash']

test('a field that is wanted no more changes the hash', () => {
  const before = { metadata: { name: 'a', labels: { x: '1', y: '2' } } }
  const after = { metadata: { name: 'a', labels: { x: '1' } } }
  assert.notEqual(hashOf(before), hashOf(after))
})

test('the order of fields does not change the hash', () => {
  assert.equal(hashOf({ kind: 'A', apiVersion: 'v1' }), hashOf({ apiVersion: 'v1', kind: 'A' }))
})

test('the argument is not modified, and its other annotations are kept', () => {
  const object = { metadata: { annotations: { a: '1' } } }
  assert.deepEqual(Object.keys(withAppliedHash(object).metadata.annotations), ['a', 'sei.io/applied-hash'])
  assert.deepEqual(object, { metadata: { annotations: { a: '1' } } })
})
