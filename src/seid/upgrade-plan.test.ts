/** The plan of an upgrade as seid v6.4.0 answers the query. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPlan } from './upgrade-plan.ts'

test('a plan is read from the answer of a seid', () => {
  const response = { code: 0, log: '', value: 'ChgKBnY2LjUuMBILCICSuMOY/v///wEYkQU=', height: '433' }
  assert.deepEqual(readPlan({ response }), { name: 'v6.5.0', height: 657 })
})

test('a chain that has voted for none has no plan', () => {
  assert.equal(readPlan({ response: { code: 0, value: '' } }), undefined)
  assert.equal(readPlan({ response: { value: null } }), undefined)
})

test('an answer that is none rejects', () => {
  assert.throws(() => readPlan({}), /no plan of upgrades \(no response\)/)
  assert.throws(() => readPlan({ response: { code: 6, log: 'unknown query path' } }), /\(unknown query path\)/)
  // The message is shorter than it says.
  assert.throws(() => readPlan({ response: { value: Buffer.of(0x08, 0x80).toString('base64') } }), RangeError)
  assert.equal(readPlan({ response: { value: Buffer.of(0x0a, 0x00).toString('base64') } }), undefined)
})
