/** The order in which the validators of a chain are stopped, so that it can continue later. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextToStop } from './stop-order.ts'

/** The sizes of the groups that are stopped together, each after the one before has ended. */
function groupsOf(total: number): readonly number[] {
  const groups: number[] = []
  for (let standing = Array.from({ length: total }, (_, index) => index); standing.length > 0;) {
    const now = nextToStop(total, standing, 0)
    assert.deepEqual(nextToStop(total, standing.slice(now.length), now.length), [], 'earlier ones are waited for')
    groups.push(now.length)
    standing = standing.slice(now.length)
  }
  return groups
}

const rows = [
  [1, [1]],
  [2, [1, 1]],
  [3, [1, 2]],
  [4, [1, 1, 2]],
  [7, [2, 1, 4]],
  [20, [6, 1, 13]],
  [64, [21, 1, 42]],
] as const

for (const [total, groups] of rows) {
  test(`R2: ${total} validators stop in groups of ${groups.join(', ')}: the chain halts at one that stops alone`, () => {
    assert.deepEqual(groupsOf(total), groups)
  })
}

test('R2: validators that are already deleted count as the first of the order', () => {
  assert.deepEqual(nextToStop(7, ['c', 'd', 'e', 'f', 'g'], 0), ['c'])
  assert.deepEqual(nextToStop(7, ['e', 'f'], 0), ['e', 'f'])
})
