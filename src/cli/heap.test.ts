/** That V8 heeds what is asked of it while it runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fullCollection } from './heap.ts'

test('a full collection frees unreferenced objects', async () => {
  const dropped = new WeakRef({})
  const collect = fullCollection()
  // A WeakRef keeps its target until the end of the job that made it.
  await new Promise(setImmediate)
  collect()
  assert.equal(dropped.deref(), undefined)
})
