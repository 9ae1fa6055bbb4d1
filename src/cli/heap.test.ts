/** That V8 heeds what is asked of it while it runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getHeapStatistics } from 'node:v8'
import { fullCollection } from './heap.ts'

test('a full collection frees unreferenced objects', async () => {
  const dropped = new WeakRef({})
  const collect = fullCollection()
  // A WeakRef keeps its target until the end of the job that made it.
  await new Promise(setImmediate)
  collect()
  assert.equal(dropped.deref(), undefined)
})

function held(): number {
  return getHeapStatistics().total_heap_size
}

test('a full collection returns the pages that are mostly garbage', () => {
  const collect = fullCollection()
  collect()
  const before = held()
  const kept: unknown[] = []
  for (let at = 0; at < 600_000; at += 1) {
    const each = { at, text: `object ${at}` }
    if (at % 20 === 0) kept.push(each)
  }
  collect()
  assert.ok(held() - before < 10_000_000, `${held() - before} bytes for ${kept.length} small objects`)
})
