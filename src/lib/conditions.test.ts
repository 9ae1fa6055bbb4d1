/** Conditions keep their times and those that others set. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeConditions, type StatusCondition, type Condition } from './conditions.ts'

const ready: Condition = { type: 'Ready', status: 'True', reason: 'Ready', message: 'seid is ready' }
const before: StatusCondition = { ...ready, observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' }
const now = '2026-02-02T00:00:00Z'

test('a condition that keeps its status keeps the time of its last transition', () => {
  const [condition] = mergeConditions([before], [{ ...ready, reason: 'StillReady' }], 2, now)
  assert.deepEqual(condition, {
    ...ready,
    reason: 'StillReady',
    observedGeneration: 2,
    lastTransitionTime: before.lastTransitionTime,
  })
})

test('a condition that changes its status carries the time of the change', () => {
  const [condition] = mergeConditions([before], [{ ...ready, status: 'False' }], 2, now)
  assert.equal(condition?.lastTransitionTime, now)
})

test('a condition of a type that is not evaluated here is kept as it is', () => {
  const foreign = { ...before, type: 'BackupTaken' }
  assert.deepEqual(mergeConditions([foreign], [ready], 1, now).at(-1), foreign)
})

test('a message that is too long to read is cut', () => {
  const [condition] = mergeConditions([], [{ ...ready, message: 'x'.repeat(40_000) }], 1, now)
  assert.equal(condition?.message.length, 4096)
})
