/** For whom an answer is good, and for how long. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentLookups } from './recent-lookups.ts'

const { signal } = new AbortController()

test('concurrent lookups with the same key share one answer', async () => {
  const lookups = new RecentLookups<string>(() => 0)
  const { promise, resolve } = Promise.withResolvers<string>()
  const first = lookups.find('q', () => promise, signal)
  const second = lookups.find('q', () => assert.fail('asked again'), signal)
  resolve('answer')
  assert.deepEqual(await Promise.all([first, second]), ['answer', 'answer'])
})

test('an answer is cached for half a minute after it arrived', async () => {
  let now = 0
  let asked = 0
  const lookups = new RecentLookups<number>(() => now)
  const find = (): Promise<number> => lookups.find('q', () => Promise.resolve((asked += 1)), signal)
  const seen: number[] = []
  for (const at of [1_000, 30_999, 31_000, 60_999, 61_000]) {
    now = at
    seen.push(await find())
  }
  assert.deepEqual(seen, [1, 1, 2, 2, 3])
})

test('a failure is shared by all who wait for it, and is not cached', async () => {
  const lookups = new RecentLookups<string>(() => 0)
  const { promise, reject } = Promise.withResolvers<string>()
  const waiting = [lookups.find('q', () => promise, signal), lookups.find('q', () => promise, signal)]
  reject(new Error('no luck'))
  const outcomes = await Promise.allSettled(waiting)
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.equal(await lookups.find('q', () => Promise.resolve('answer'), signal), 'answer')
})

test('an aborted lookup does not fail other callers with the same key', async () => {
  const lookups = new RecentLookups<string>(() => 0)
  const stop = new AbortController()
  const { promise, reject } = Promise.withResolvers<string>()
  const first = lookups.find('q', () => promise, stop.signal)
  const second = lookups.find('q', () => Promise.resolve('answer'), signal)
  stop.abort()
  reject(new Error('aborted'))
  await assert.rejects(first, /aborted/)
  assert.equal(await second, 'answer')
})
