/** Tests of the abortable sleep and of the clock that tests use. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aborted, sleep, systemClock } from './clock.ts'
import { ManualClock } from './manual-clock.ts'

test('sleep resolves when the time has passed, and not before', async () => {
  const clock = new ManualClock()
  let woke = false
  const sleeping = sleep(1000, undefined, clock).then(() => (woke = true))
  await clock.advance(999)
  assert.equal(woke, false)
  await clock.advance(1)
  assert.equal(woke, true)
  await sleeping
})

test('sleep rejects with the reason of the signal and clears its timer', async () => {
  const clock = new ManualClock()
  const controller = new AbortController()
  const sleeping = sleep(1000, controller.signal, clock)
  controller.abort(new Error('stopping'))
  await assert.rejects(sleeping, /stopping/)
  assert.equal(clock.timers, 0)
})

test('sleep with a signal that is aborted already sets no timer', async () => {
  const clock = new ManualClock()
  await assert.rejects(sleep(1000, AbortSignal.abort(new Error('over')), clock), /over/)
  assert.equal(clock.timers, 0)
})

test('the system clock sleeps for real, and a cleared timer does not fire', async () => {
  const before = systemClock.monotonic()
  const timer = systemClock.setTimeout(() => assert.fail('a cleared timer fired'), 1)
  systemClock.clearTimeout(timer)
  await sleep(5, undefined, systemClock)
  assert.ok(systemClock.monotonic() - before >= 4)
})

test('the manual clock fires timers in order of their time, those that timers set included', async () => {
  const clock = new ManualClock()
  const fired: string[] = []
  clock.setTimeout(() => fired.push(`b@${clock.monotonic()}`), 20)
  clock.setTimeout(() => {
    fired.push(`a@${clock.monotonic()}`)
    clock.setTimeout(() => fired.push(`c@${clock.monotonic()}`), 15)
  }, 10)
  await clock.advance(30)
  assert.deepEqual(fired, ['a@10', 'b@20', 'c@25'])
})

test('`aborted` resolves when the signal is aborted, and not before', async () => {
  const controller = new AbortController()
  let isOver = false
  const waiting = aborted(controller.signal).then(() => (isOver = true))
  await new Promise(setImmediate)
  assert.equal(isOver, false)
  controller.abort()
  await waiting
})

test('`aborted` does not miss an abort that came before', async () => {
  await aborted(AbortSignal.abort())
})
