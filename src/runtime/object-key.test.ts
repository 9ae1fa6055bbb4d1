/** Tests of object keys. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOf } from './object-key.ts'

test('a key names namespace and name, or the name alone', () => {
  assert.equal(keyOf({ metadata: { namespace: 'a', name: 'b' } }), 'a/b')
  assert.equal(keyOf({ metadata: { name: 'b' } }), 'b')
})

test('an object without a name has no key', () => {
  assert.throws(() => keyOf({ kind: 'Pod' }), /key of Pod: expected metadata.name/)
})
