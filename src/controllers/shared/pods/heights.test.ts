/** What is concluded from the heights that nodes report. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askHeights, type HeightAnswer, HeightLog, STALL_MS } from './heights.ts'

function answer(node: string, height?: number, podUID = 'pod', isReady = true): HeightAnswer {
  return height === undefined ? { node, podUID, isReady, silence: 'refused' } : { node, podUID, isReady, height }
}

test('R2: a node follows the chain once the same pod has reported two heights, the later the higher', () => {
  const log = new HeightLog()
  log.note([answer('a', 5)], 0)
  assert.equal(log.follows('a', 'pod', 3), false)
  log.note([answer('a', 5)], 1)
  assert.equal(log.follows('a', 'pod', 3), false)
  log.note([answer('a', 6)], 2)
  assert.equal(log.follows('a', 'pod', 3), true)
  log.note([answer('a', 6)], 3)
  assert.equal(log.follows('a', 'pod', 3), true)
})

test('a node that catches up moves, and does not follow the chain', () => {
  const log = new HeightLog()
  log.note([{ ...answer('a', 5), isCatchingUp: true }], 0)
  log.note([{ ...answer('a', 900), isCatchingUp: true }], 1)
  assert.equal(log.follows('a', 'pod', 1), false)
  log.note([answer('a', 901)], 2)
  assert.equal(log.follows('a', 'pod', 2), true)
})

test('a node that has had no new block for a while no longer follows the chain', () => {
  const log = new HeightLog()
  log.note([answer('a', 5)], 0)
  log.note([answer('a', 6)], 1)
  assert.equal(log.follows('a', 'pod', STALL_MS), true)
  assert.equal(log.follows('a', 'pod', STALL_MS + 1), false)
})

test('R2: what another pod of the node reported says nothing of this one', () => {
  const log = new HeightLog()
  log.note([answer('a', 5)], 0)
  log.note([answer('a', 6)], 1)
  log.note([answer('a', 7, 'next')], 2)
  assert.equal(log.follows('a', 'next', 3), false)
  log.note([answer('a', 8, 'next')], 3)
  assert.equal(log.follows('a', 'next', 3), true)
})

test('R2: a chain stands still when every node answered for a while and none had a new block', () => {
  const log = new HeightLog()
  log.note([answer('a', 5), answer('b', 5)], 0)
  log.note([answer('a', 5), answer('b', 5)], 1000)
  assert.equal(log.isStalled(1000 + STALL_MS - 1), false)
  log.note([answer('a', 5), answer('b', 5)], 1000 + STALL_MS)
  assert.equal(log.isStalled(1000 + STALL_MS), true)
  log.note([answer('a', 6), answer('b', 5)], 2000 + STALL_MS)
  assert.equal(log.isStalled(3000 + STALL_MS), false)
})

test('R2: a chain is not taken to stand still while a node that is Ready does not answer, or nobody was asked', () => {
  const log = new HeightLog()
  for (const now of [0, STALL_MS, 2 * STALL_MS]) log.note([answer('a', 5), answer('b')], now)
  assert.equal(log.isStalled(2 * STALL_MS), false)
  for (const now of [3, 4, 5]) log.note([], now * STALL_MS)
  assert.equal(log.isStalled(6 * STALL_MS), false)
})

test('R2: a node that is not Ready and does not answer does not hide that the chain stands still', () => {
  const log = new HeightLog()
  const broken = answer('b', undefined, 'pod', false)
  for (const now of [0, 1000, 1000 + STALL_MS]) log.note([answer('a', 5), broken], now)
  assert.equal(log.isStalled(1000 + STALL_MS), true)
  for (const now of [2, 3, 4]) log.note([broken], now * STALL_MS)
  assert.equal(log.isStalled(4 * STALL_MS), false)
})

function stalledOf(silent: number, answering: number): boolean {
  const log = new HeightLog()
  const answers = [
    ...Array.from({ length: silent }, (_, index) => answer(`s${index}`, undefined, 'pod', false)),
    ...Array.from({ length: answering }, (_, index) => answer(`a${index}`, 5)),
  ]
  for (const now of [0, 1000, 1000 + STALL_MS]) log.note(answers, now)
  return log.isStalled(1000 + STALL_MS)
}

test('failure mode 29: where more than two thirds are out of reach, the chain is not taken to stand still', () => {
  assert.deepEqual([stalledOf(3, 1), stalledOf(2, 2), stalledOf(2, 1), stalledOf(5, 2)], [false, true, true, false])
})

test('a node that does not answer is reported with the reason, one whose status has no height without', async () => {
  const answers = await askHeights(
    [
      { node: 'a', podUID: '1', podIP: '10.0.0.1', isReady: true },
      { node: 'b', podUID: '2', podIP: '10.0.0.2', isReady: false },
      { node: 'c', podUID: '3', podIP: '10.0.0.3', isReady: true },
    ],
    async host => {
      if (host === '10.0.0.1') return { sync_info: { latest_block_height: '7', catching_up: false } }
      if (host === '10.0.0.2') throw new Error('no answer within 5 s')
      return { node_info: { id: 'x' } }
    },
    new AbortController().signal,
  )
  assert.deepEqual(answers, [
    { node: 'a', podUID: '1', isReady: true, height: 7, isCatchingUp: false },
    { node: 'b', podUID: '2', isReady: false, silence: 'no answer within 5 s' },
    { node: 'c', podUID: '3', isReady: true, height: undefined, isCatchingUp: false },
  ])
})

test('R2: one answer of a chain that has blocks does not show that it makes any', () => {
  const log = new HeightLog()
  log.note([answer('a', 1000)], 0)
  assert.equal(log.someMoved, false)
  log.note([answer('a', 1001)], 1)
  assert.equal(log.someMoved, true)
})

test('R2: since when a pod has no new block is counted from the first question to it, silence included', () => {
  const log = new HeightLog()
  assert.equal(log.unmovedSince('a', 'pod'), undefined)
  log.note([answer('a')], 1)
  log.note([answer('a', 5)], 2)
  log.note([answer('a', 5)], 3)
  assert.equal(log.unmovedSince('a', 'pod'), 1)
  log.note([answer('a', 6)], 4)
  assert.equal(log.unmovedSince('a', 'pod'), 4)
  log.note([answer('a', 6, 'next')], 5)
  assert.equal(log.unmovedSince('a', 'next'), 5)
})

test('heights are asked for again soon for a minute after the last news', () => {
  const log = new HeightLog()
  assert.equal(log.hasNews(0), false)
  log.note([answer('a', 5)], 0)
  log.note([answer('a', 5)], 1000)
  assert.equal(log.hasNews(2 * STALL_MS - 1), true)
  assert.equal(log.hasNews(2 * STALL_MS), false)
})
