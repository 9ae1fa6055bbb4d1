/** Work on a list, some items at a time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inParallel } from './in-parallel.ts'

test('results are in the order of the items, in whatever order the work ends', async () => {
  const results = await inParallel([3, 1, 2, 0], 2, async ticks => {
    for (let tick = 0; tick < ticks; tick += 1) await new Promise(setImmediate)
    return ticks * 10
  })
  assert.deepEqual(results, [30, 10, 20, 0])
})

test('no more are in progress at once than allowed, and none for an empty list', async () => {
  let atOnce = 0
  let most = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, (atOnce += 1))
    await new Promise(setImmediate)
    atOnce -= 1
  }
  assert.deepEqual(await inParallel([], 3, work), [])
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, work)
  assert.equal(most, 3)
})

test('the first error is passed on', async () => {
  await assert.rejects(
    inParallel([1, 2], 2, item => Promise.reject(new Error(`item ${item}`))),
    /item 1/,
  )
})
