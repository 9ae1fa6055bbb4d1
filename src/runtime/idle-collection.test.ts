/** When an idle process collects its garbage. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectWhenIdle } from './idle-collection.ts'
import { ManualClock } from './manual-clock.ts'

const PERIOD_MS = 10_000

function setUp() {
  const clock = new ManualClock()
  const stop = new AbortController()
  const state = { worked: 0, collections: 0, growth: 0 }
  const collect = (): void => {
    state.collections++
  }
  const allowGrowth = (percent: number): void => {
    state.growth = percent
  }
  collectWhenIdle({ clock, worked: () => state.worked, collect, allowGrowth }, stop.signal)
  /** A period in which so many keys are worked on; the number of collections since the start. */
  const after = async (keys: number): Promise<number> => {
    state.worked += keys
    await clock.advance(PERIOD_MS)
    return state.collections
  }
  return { after, clock, stop, state }
}

test('it collects once after busy periods, as soon as few keys are worked on', async () => {
  const { after } = setUp()
  assert.equal(await after(0), 0)
  for (let i = 0; i < 5; i++) assert.equal(await after(200), 0)
  assert.equal(await after(50), 0)
  assert.equal(await after(49), 1)
  for (let i = 0; i < 5; i++) assert.equal(await after(30), 1)
  assert.equal(await after(0), 1)
  assert.equal(await after(200), 1)
  assert.equal(await after(0), 2)
})

test('a steady trickle of keys causes no collection', async () => {
  const { after } = setUp()
  for (let i = 0; i < 20; i++) assert.equal(await after(i % 2 === 0 ? 199 : 0), 0)
})

test('at rest the heap may grow by half, and as V8 decides as soon as it is busy again', async () => {
  const { after, state } = setUp()
  await after(200)
  assert.equal(state.growth, 0)
  await after(0)
  assert.equal(state.growth, 50)
  await after(199)
  assert.equal(state.growth, 50)
  await after(200)
  assert.equal(state.growth, 0)
})

test('nothing is left of it after the signal', async () => {
  const { clock, stop } = setUp()
  stop.abort()
  assert.equal(clock.timers, 0)
})
