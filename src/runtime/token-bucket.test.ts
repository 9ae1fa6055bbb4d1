/** Tests of the token bucket. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenBucket } from './token-bucket.ts'

test('a burst passes, then one action per refill', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 2 }, 0)
  assert.deepEqual([bucket.tryTake(0), bucket.tryTake(0), bucket.tryTake(0)], [true, true, false])
  assert.deepEqual([bucket.tryTake(99), bucket.tryTake(100), bucket.tryTake(100)], [false, true, false])
})

test('idle time fills the bucket to its burst and no further', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 2 }, 0)
  assert.deepEqual([bucket.tryTake(60_000), bucket.tryTake(60_000), bucket.tryTake(60_000)], [true, true, false])
})
