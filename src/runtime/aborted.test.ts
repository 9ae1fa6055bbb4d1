/** Tests of the wait for an abort signal. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aborted } from './aborted.ts'

test('it resolves when the signal is aborted, and not before', async () => {
  const controller = new AbortController()
  let isOver = false
  const waiting = aborted(controller.signal).then(() => (isOver = true))
  await new Promise(setImmediate)
  assert.equal(isOver, false)
  controller.abort()
  await waiting
})

test('an abort that came before is not missed', async () => {
  await aborted(AbortSignal.abort())
})
