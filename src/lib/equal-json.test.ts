/** Two values are equal where their canonical JSON is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'
import { isEqualJson } from './equal-json.ts'

for (const [a, b, expected] of [
  [{ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }, true],
  [{ a: undefined }, {}, true],
  [{ a: undefined, b: 1 }, { b: 1, c: undefined }, true],
  [{ a: undefined }, { b: 1 }, false],
  [{ a: null }, {}, false],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [[], {}, false],
  [{}, null, false],
  ['1', 1, false],
  [{ toString: 1 }, { valueOf: 1 }, false],
] as const) {
  test(`${canonicalJson(a)} and ${canonicalJson(b)} are ${expected ? '' : 'not '}equal`, () => {
    assert.equal(isEqualJson(a, b), expected)
    assert.equal(isEqualJson(b, a), expected)
  })
}

/** Few keys and values, so that equal ones and ones that almost are come up often. */
const value = fc.letrec(tie => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, 1, '', 'a'),
    fc.array(tie('any'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__', '1'), fc.option(tie('any'), { nil: undefined }), {
      maxKeys: 3,
    }),
  ),
})).any

test('values are equal exactly where their canonical JSON is', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      assert.equal(isEqualJson(a, b), canonicalJson(a) === canonicalJson(b))
      assert.ok(isEqualJson(a, structuredClone(a)))
    }),
    { numRuns: 2000 },
  )
})
