/** The p95 is a time that 95 in 100 nodes do not exceed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootstrapP95 } from './bootstrap-times.ts'

test('of a hundred nodes it is the ninety-fifth time, whatever their order; nodes that did not complete do not count', () => {
  const created = new Map(Array.from({ length: 100 }, (_, i) => [`node-${i}`, 1000 + i]))
  const completed = new Map(Array.from({ length: 100 }, (_, i) => [`node-${i}`, 1000 + i + (100 - i) * 10]))
  created.set('silent', 1000)
  assert.equal(bootstrapP95(created, completed), 950)
})

test('of a few nodes it is the longest; of none it is nothing', () => {
  const created = new Map([
    ['a', 0],
    ['b', 0],
  ])
  const completed = new Map([
    ['a', 5],
    ['b', 7],
  ])
  assert.equal(bootstrapP95(created, completed), 7)
  assert.equal(bootstrapP95(new Map(), completed), 0)
})
