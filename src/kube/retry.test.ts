/** What the client repeats by itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, TransportError } from './errors.ts'
import { retryDelayMs } from './retry.ts'

const asked = { operation: 'get', object: 'pods sei/a' }
const first = { number: 1, idempotent: true, random: 0 }
const busy = (status: number, retryAfterMs?: number) =>
  new ApiError(asked, status, {}, retryAfterMs === undefined ? {} : { retryAfterMs })
const broken = new TransportError(asked, 'reset', 'ECONNRESET')

test('429 is repeated for every verb, after the time that the server asked for and never before', () => {
  assert.equal(retryDelayMs(busy(429, 1000), { ...first, idempotent: false }), 1000)
  assert.equal(retryDelayMs(busy(429, 1000), { ...first, random: 1 }), 1250)
})

test('429 without Retry-After backs off by doubling', () => {
  const delays = [1, 2, 3, 4, 5].map(number => retryDelayMs(busy(429), { ...first, number }))
  assert.deepEqual(delays, [250, 500, 1000, 2000, undefined])
})

test('a wait of more than 10 s is left to the caller', () => {
  assert.equal(retryDelayMs(busy(429, 10_001), first), undefined)
})

test('503 is repeated for reads that the server asks to come back', () => {
  assert.equal(retryDelayMs(busy(503, 2000), first), 2000)
  assert.equal(retryDelayMs(busy(503), first), undefined)
  assert.equal(retryDelayMs(busy(503, 2000), { ...first, idempotent: false }), undefined)
})

test('a broken connection is retried at once for a read, and never for a write', () => {
  assert.deepEqual(
    [1, 2, 3].map(number => retryDelayMs(broken, { ...first, number })),
    [0, 250, undefined],
  )
  assert.equal(retryDelayMs(broken, { ...first, idempotent: false }), undefined)
})

test('nothing else is repeated', () => {
  for (const error of [busy(500, 1000), busy(409), new TransportError(asked, 'timeout', 'late'), new Error('bug')]) {
    assert.equal(retryDelayMs(error, first), undefined)
  }
})
