/** Equal JSON values have one spelling and one hash. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'
import { stableHash } from './stable-hash.ts'

test('keys are sorted at every depth, lists keep their order', () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: 2 }, 3], a: null }), '{"a":null,"b":[{"c":2,"d":1},3]}')
})

test('a key whose value is undefined is as good as absent', () => {
  assert.equal(canonicalJson({ a: undefined, b: 1 }), canonicalJson({ b: 1 }))
})

test('a value without a JSON form is refused', () => {
  assert.throws(() => canonicalJson(undefined), /found undefined/)
})

test('the canonical text reads back as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      // JSON has no negative zero.
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('every text is spelt as JSON.stringify spells it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      assert.equal(canonicalJson(text), JSON.stringify(text))
      assert.equal(canonicalJson({ [text]: 1 }), JSON.stringify({ [text]: 1 }))
    }),
  )
  const special = '"\\/\b\f\n\r\t\0\u007f\u2028ü\ud800'
  assert.equal(canonicalJson(special), JSON.stringify(special))
})

test('the order in which keys were added changes neither text nor hash', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), object => {
      const reversed = Object.fromEntries(Object.entries(object).toReversed())
      assert.equal(canonicalJson(reversed), canonicalJson(object))
      assert.equal(stableHash(reversed), stableHash(object))
    }),
  )
})

test('a hash is sixteen hex digits, the same in every run', () => {
  assert.equal(stableHash({ b: [1, 'two'], a: null }), '7405a42ac18ef43c')
})
