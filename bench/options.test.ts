/** The options of the benchmark are read, or refused with an example. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCounts, parseSeconds } from './options.ts'

test('numbers of nodes are separated by blanks or commas', () => {
  assert.deepEqual(parseCounts('100 500'), [100, 500])
  assert.deepEqual(parseCounts(' 100, 500,1000 '), [100, 500, 1000])
})

test('what is no number of nodes is refused with an example of what is', () => {
  for (const wrong of ['', 'many', '0', '1.5', '-3', '6000']) {
    assert.throws(() => parseCounts(wrong), /expected whole numbers from 1 to 5000, such as "100 500"/, wrong)
  }
})

test('the quiet period is a number of seconds', () => {
  assert.equal(parseSeconds('60'), 60)
  for (const wrong of ['', '0', 'long', '7200']) assert.throws(() => parseSeconds(wrong), /expected seconds/, wrong)
})
