/** When an idle process collects its garbage. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectWhenIdle } from './idle-collection.ts'
import { ManualClock } from './manual-clock.ts'

const PERIOD_MS = 10_000

function setUp() {
  const clock = new ManualClock()
  const stop = new AbortController()
  const state = { worked: 0, heap: 50e6, collections: 0, growth: 0 }
  const collect = (): void => {
    state.collections++
    state.heap = 20e6
  }
  const allowGrowth = (percent: number): void => {
    state.growth = percent
  }
  const counts = { worked: () => state.worked, heapUsed: () => state.heap }
  collectWhenIdle({ clock, ...counts, collect, allowGrowth }, stop.signal)
  /** A period in which so many keys are worked on; the number of collections since the start. */
  const after = async (keys: number, allocated = 0): Promise<number> => {
    state.worked += keys
    state.heap += allocated
    await clock.advance(PERIOD_MS)
    return state.collections
  }
  return { after, clock, stop, state }
}

test('it collects once in each idle period after much work, and never while keys are worked on', async () => {
  const { after } = setUp()
  assert.equal(await after(0), 0)
  for (let i = 0; i < 5; i++) assert.equal(await after(40, 5e6), 0)
  assert.equal(await after(0), 1)
  for (let i = 0; i < 5; i++) assert.equal(await after(0, 10e6), 1)
  assert.equal(await after(200, 10e6), 1)
  assert.equal(await after(0), 2)
})

test('keys that are few, or that left little behind, cause no collection', async () => {
  const { after } = setUp()
  await after(200)
  assert.equal(await after(0), 1)
  assert.equal(await after(200, 1e6), 1)
  assert.equal(await after(0), 1)
  const few = setUp()
  await few.after(199, 50e6)
  assert.equal(await few.after(0), 0)
})

test('at rest the heap may grow by half, and as V8 decides as soon as there is much work', async () => {
  const { after, state } = setUp()
  await after(200)
  assert.equal(state.growth, 0)
  await after(0)
  assert.equal(state.growth, 50)
  await after(199, 20e6)
  assert.equal(state.growth, 50)
  await after(200)
  assert.equal(state.growth, 0)
})

test('nothing is left of it after the signal', async () => {
  const { clock, stop } = setUp()
  stop.abort()
  assert.equal(clock.timers, 0)
})
