/** Waits grow up to a bound, and chance only shortens them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { backoffMs } from './backoff.ts'

const policy = { initialMs: 250, maxMs: 5000 }

test('waits double from the first to the longest', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6].map(attempt => backoffMs(attempt, policy, 0))
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 5000, 5000])
})

test('jitter takes away at most its share', () => {
  assert.equal(backoffMs(0, { ...policy, jitter: 0.5 }, 0), 250)
  assert.equal(backoffMs(0, { ...policy, jitter: 0.5 }, 0.5), 187.5)
})

test('after any number of attempts a wait is finite, within its bounds, and no shorter than the one before', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 5000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const wait = backoffMs(attempt, { ...policy, jitter: 0.2 }, random)
        assert.ok(wait >= policy.initialMs * (1 - 0.2) && wait <= policy.maxMs, `${wait}`)
        assert.ok(backoffMs(attempt + 1, policy, random) >= backoffMs(attempt, policy, random))
      },
    ),
  )
})
