/** How the demo is told to stop. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Interruption, unlessAborted } from './interruption.ts'

test('work that ends first gives its result, and its failure', async () => {
  const { signal } = new AbortController()
  assert.equal(await unlessAborted(signal, Promise.resolve(3)), 3)
  await assert.rejects(unlessAborted(signal, Promise.reject(new Error('broken'))), /broken/)
})

test('an interruption ends the wait for work that does not end, with the status that shells expect', async () => {
  const controller = new AbortController()
  const waiting = unlessAborted(controller.signal, new Promise(() => undefined))
  controller.abort(new Interruption('SIGTERM'))
  await assert.rejects(waiting, { name: 'Interruption', status: 143 })
})

test('an interruption that came before is not missed', async () => {
  const signal = AbortSignal.abort(new Interruption('SIGINT'))
  await assert.rejects(unlessAborted(signal, new Promise(() => undefined)), { status: 130 })
})
