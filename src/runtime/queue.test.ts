/** Tests of the work queue's promises: order, one worker per key, delays, retries, shutdown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from './manual-clock.ts'
import type { WorkQueueOptions } from './queue.ts'
import { WorkQueue } from './queue.ts'

function setUp(options: Partial<WorkQueueOptions> = {}) {
  const clock = new ManualClock()
  return { clock, queue: new WorkQueue({ clock, random: () => 0, ...options }) }
}

/** Takes every key that waits and is done with each at once. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = []
  while (queue.depth > 0) {
    const key = await queue.get()
    assert.ok(key !== undefined)
    keys.push(key)
    queue.done(key)
  }
  return keys
}

test('keys come out in the order in which they were first added, each once', async () => {
  const { queue } = setUp()
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key)
  assert.equal(queue.depth, 3)
  assert.deepEqual(await drain(queue), ['a', 'b', 'c'])
})

test('a worker that waits gets the key that is added next, first come first served', async () => {
  const { queue } = setUp()
  const workers = [queue.get(), queue.get()]
  queue.add('a')
  queue.add('b')
  assert.deepEqual(await Promise.all(workers), ['a', 'b'])
  assert.equal(queue.depth, 0)
})

test('a key added while a worker has it is handed out once more, after done', async () => {
  const { queue } = setUp()
  queue.add('a')
  await queue.get()
  queue.add('a')
  queue.add('a')
  assert.equal(queue.depth, 0)
  const next = queue.get()
  queue.done('a')
  assert.equal(await next, 'a')
  queue.done('a')
  assert.equal(queue.depth, 0)
})

test('done with a key that no worker has is refused', () => {
  const { queue } = setUp()
  queue.add('a')
  assert.throws(() => queue.done('a'), /done\(a\): expected a key that a worker took/)
})

test('a key that is added at once is not added again by a delay that was to end later', async () => {
  const clock = new ManualClock()
  const queue = new WorkQueue({ clock })
  queue.addAfter('a', 10)
  queue.addAfter('a', 0)
  assert.equal(await queue.get(), 'a')
  queue.done('a')
  await clock.advance(20)
  assert.equal(queue.depth, 0)
})

test('of several delays for one key the shortest applies', async () => {
  const { clock, queue } = setUp()
  queue.addAfter('a', 500)
  queue.addAfter('a', 100)
  queue.addAfter('a', 300)
  assert.equal(clock.timers, 1)
  await clock.advance(99)
  assert.equal(queue.depth, 0)
  await clock.advance(1)
  assert.deepEqual(await drain(queue), ['a'])
  await clock.advance(1000)
  assert.equal(queue.depth, 0)
})

test('a delay of nothing adds at once', async () => {
  const { clock, queue } = setUp()
  queue.addAfter('a', 0)
  queue.addAfter('b', -5)
  assert.equal(clock.timers, 0)
  assert.deepEqual(await drain(queue), ['a', 'b'])
})

test('retries of a key double from the base to the cap, and start over after forget', () => {
  const { queue } = setUp({ baseDelayMs: 250, maxDelayMs: 60_000 })
  const delays = Array.from({ length: 10 }, () => queue.addRateLimited('a'))
  assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  assert.equal(queue.addRateLimited('b'), 250)
  queue.forget('a')
  assert.equal(queue.addRateLimited('a'), 250)
})

test('jitter only shortens a delay, by a tenth at most', () => {
  const { queue } = setUp({ random: () => 0.999_999 })
  const delay = queue.addRateLimited('a')
  assert.ok(delay > 224.9 && delay < 226, `${delay} ms`)
})

test('a retry waits at least as long as the server asked, and starts from another base where one is given', () => {
  const { queue } = setUp()
  assert.equal(queue.addRateLimited('a', { minDelayMs: 5000 }), 5000)
  assert.equal(queue.addRateLimited('b', { baseDelayMs: 20 }), 20)
  assert.equal(queue.addRateLimited('b', { baseDelayMs: 20 }), 40)
})

test('each reason to retry has its own backoff, which is reset separately', () => {
  const { queue } = setUp()
  for (let i = 0; i < 12; i++) queue.addRateLimited('a', { reason: 'wait', maxDelayMs: 60_000 })
  assert.equal(queue.addRateLimited('a', { reason: 'conflict', baseDelayMs: 20 }), 20)
  assert.equal(queue.addRateLimited('a', { reason: 'error' }), 250)
  queue.forget('a', ['conflict', 'error'])
  assert.equal(queue.addRateLimited('a', { reason: 'conflict', baseDelayMs: 20 }), 20)
  assert.equal(queue.addRateLimited('a', { reason: 'error' }), 250)
  assert.equal(queue.addRateLimited('a', { reason: 'wait' }), 30_000)
  queue.forget('a')
  assert.equal(queue.addRateLimited('a', { reason: 'wait' }), 250)
})

test('the number of keys in progress is limited; a key whose worker waits outside makes room for another', async () => {
  const { clock, queue } = setUp({ workers: 1 })
  for (const key of ['a', 'b', 'c']) queue.add(key)
  const taken: (string | undefined)[] = []
  const take = () => void queue.get().then(key => taken.push(key))
  take()
  take()
  take()
  await clock.settle()
  assert.deepEqual(taken, ['a'])
  queue.leave()
  await clock.settle()
  assert.deepEqual(taken, ['a', 'b'])
  queue.add('a')
  let isBack = false
  void queue.comeBack().then(() => (isBack = true))
  await clock.settle()
  assert.equal(isBack, false, 'b has the only place')
  queue.done('b')
  await clock.settle()
  assert.deepEqual([isBack, taken], [true, ['a', 'b']], 'who comes back goes before keys')
  queue.done('a')
  await clock.settle()
  assert.deepEqual(taken, ['a', 'b', 'c'])
})

test('a worker that comes back finds a place after shutdown too', async () => {
  const { queue } = setUp({ workers: 1 })
  queue.add('a')
  await queue.get()
  queue.leave()
  const drained = queue.shutdown()
  await queue.comeBack()
  queue.done('a')
  await drained
})

test('shutdown wakes waiting workers, drops what waits, and resolves when the running keys are done', async () => {
  const { clock, queue } = setUp()
  queue.add('running')
  await queue.get()
  const waiting = queue.get()
  queue.addAfter('later', 100)
  let stopped = false
  const stopping = queue.shutdown().then(() => (stopped = true))
  assert.equal(await waiting, undefined)
  assert.equal(clock.timers, 0)
  queue.add('late')
  queue.addAfter('later', 1)
  await clock.advance(1000)
  assert.equal(queue.depth, 0)
  assert.equal(await queue.get(), undefined)
  assert.equal(stopped, false)
  queue.done('running')
  await stopping
})

test('metrics see adds, retries, waiting and working times, and the oldest running key', async () => {
  const seen: string[] = []
  const { clock, queue } = setUp({
    metrics: {
      observe: view => seen.push(`observe ${view.depth}`),
      added: () => seen.push('added'),
      retried: () => seen.push('retried'),
      waited: ms => seen.push(`waited ${ms}`),
      worked: ms => seen.push(`worked ${ms}`),
    },
  })
  queue.add('a')
  queue.add('a')
  await clock.advance(10)
  await queue.get()
  await clock.advance(7)
  assert.equal(queue.longestRunningMs, 7)
  queue.add('a')
  await clock.advance(5)
  queue.done('a')
  queue.addRateLimited('b')
  assert.deepEqual(seen, ['observe 0', 'added', 'waited 10', 'added', 'worked 12', 'retried'])
  assert.equal(queue.longestRunningMs, 0)
})
