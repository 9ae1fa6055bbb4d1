/** Heights over time, and how far a node is behind its chain. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChainHistory } from './history.ts'
import { liveAt } from './testdata/scenes.ts'

test('a node is behind the highest that others of its chain had in the last seconds', () => {
  const history = new ChainHistory()
  history.record('a', 'net', liveAt(100), 1_000)
  history.record('b', 'net', liveAt(90), 2_000)
  history.record('c', 'other', liveAt(5_000), 2_000)
  history.record('a', 'net', liveAt(110), 3_000)
  assert.deepEqual(history.samplesOf('b'), [{ at: 2_000, height: 90, lag: 10 }])
  assert.deepEqual(history.samplesOf('a').at(-1), { at: 3_000, height: 110, lag: 0 })
})

test('alone, or among answers that are too old, it has nothing to compare with but what its peers reported', () => {
  const history = new ChainHistory()
  history.record('a', 'net', liveAt(100), 1_000)
  history.record('b', 'net', liveAt(90), 60_000)
  history.record('b', 'net', liveAt(90, { maxPeerHeight: 95 }), 61_000)
  assert.deepEqual(
    [...history.samplesOf('a'), ...history.samplesOf('b')].map(({ lag }) => lag),
    [undefined, undefined, 5],
  )
})

test('no answer adds no sample, and is kept with why', () => {
  const history = new ChainHistory()
  history.record('a', 'net', liveAt(100), 1_000)
  history.record('a', 'net', { kind: 'unknown', why: 'no answer within 5 s' }, 2_000)
  assert.equal(history.samplesOf('a').length, 1)
  assert.deepEqual(history.liveOf('a'), { kind: 'unknown', why: 'no answer within 5 s' })
  assert.equal(history.askedAt('a'), 2_000)
})

test('the oldest samples are dropped, and nodes that are gone', () => {
  const history = new ChainHistory()
  for (let at = 0; at < 1_000; at += 1) history.record('a', 'net', liveAt(at), at)
  const kept = history.samplesOf('a')
  assert.ok(kept.length < 1_000)
  assert.equal(kept.at(-1)?.height, 999)
  history.keep(new Set(['b']))
  assert.deepEqual([history.samplesOf('a'), history.liveOf('a'), history.askedAt('a')], [[], undefined, 0])
})
