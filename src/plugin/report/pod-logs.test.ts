/** Long logs are cut at the beginning of a line. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastPart } from './pod-logs.ts'

test('a log that is too long keeps its last whole lines', () => {
  assert.equal(lastPart(Buffer.from('one\ntwo\n'), false, 100), 'one\ntwo\n')
  assert.equal(lastPart(Buffer.from('one\ntwo\nthree\n'), false, 12), '(earlier lines are left out)\ntwo\nthree\n')
  assert.equal(lastPart(Buffer.from('two\nthree\n'), true, 100), '(earlier lines are left out)\nthree\n')
})

test('the rest of a line is left out, even if there is no other', () => {
  assert.equal(lastPart(Buffer.from('password=hunter2'), false, 7), '(earlier lines are left out)')
})
