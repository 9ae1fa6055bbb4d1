/** What is taken for the result of a ceremony, and what is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as assertProperty, nat, property } from 'fast-check'
import { readCeremonyResult } from './ceremony-result.ts'

const HASH = 'ab'.repeat(32)
const A = '0123456789abcdef0123456789abcdef01234567'
const B = 'fedcba9876543210fedcba9876543210fedcba98'

test('R2: a report of all nodes in their order is read, with or without a newline at its end', () => {
  const expected = { genesisHash: HASH, nodeIDs: [A, B] }
  assert.deepEqual(readCeremonyResult(`genesis ${HASH}\n0 ${A}\n1 ${B}\n`, 2), expected)
  assert.deepEqual(readCeremonyResult(`genesis ${HASH}\n0 ${A}\n1 ${B}`, 2), expected)
})

const wrong: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['no hash', `0 ${A}\n1 ${B}`],
  ['a short hash', `genesis ${HASH.slice(1)}\n0 ${A}\n1 ${B}`],
  ['a node less', `genesis ${HASH}\n0 ${A}`],
  ['a node more', `genesis ${HASH}\n0 ${A}\n1 ${B}\n2 ${A}`],
  ['two nodes of one id', `genesis ${HASH}\n0 ${A}\n1 ${A}`],
  ['another order', `genesis ${HASH}\n1 ${B}\n0 ${A}`],
  ['a cut last line', `genesis ${HASH}\n0 ${A}\n1 ${B.slice(0, 20)}`],
  ['text for a configuration file', `genesis ${HASH}\n0 ${A}\n1 ${B},${A}@evil:1`],
]

for (const [what, text] of wrong) {
  test(`R2: a report with ${what} is none`, () => {
    assert.equal(readCeremonyResult(text, 2), undefined)
  })
}

test('R2: a report that is cut anywhere is none: a termination message is bounded', () => {
  const whole = `genesis ${HASH}\n0 ${A}\n1 ${B}`
  assertProperty(
    property(nat({ max: whole.length - 1 }), length => {
      assert.equal(readCeremonyResult(whole.slice(0, length), 2), undefined)
    }),
  )
})
