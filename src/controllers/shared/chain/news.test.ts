/** What is announced of a node that stands still. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChainHealth } from '../../../chain/health.ts'
import { announce } from './news.ts'

const HOLD_MS = 30_000
const STANDING = { height: 900, since: 0, isValidator: false } as const
const LEFT_BEHIND: ChainHealth = { kind: 'Stuck', ...STANDING, headHeight: 1000 }
const ALONE: ChainHealth = { kind: 'Stuck', ...STANDING }

for (const [what, from, to] of [
  ['nobody tells any more that the chain moves', LEFT_BEHIND, ALONE],
  ['another node tells by now that the chain moves', ALONE, LEFT_BEHIND],
] as const) {
  test(`a stuck node of which ${what}: announced when that has lasted`, () => {
    const first = announce(undefined, from, 0, HOLD_MS)
    const soon = announce(first, to, 1_000, HOLD_MS)
    assert.equal(soon.health, from)
    assert.equal(announce(soon, to, 1_000 + HOLD_MS - 1, HOLD_MS).health, from)
    assert.equal(announce(soon, to, 1_000 + HOLD_MS, HOLD_MS).health, to)
  })
}

test('the figures of a stuck node are those of the transition', () => {
  const first = announce(undefined, LEFT_BEHIND, 0, HOLD_MS)
  assert.equal(announce(first, { ...LEFT_BEHIND, headHeight: 2000 }, 90_000, HOLD_MS), first)
})
