/** What a rollout asks about its nodes: whether each follows the chain, and since when a network stands still. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { follows, haltedSince, isEvaluable } from './health.ts'
import {
  away,
  AT,
  justStopped,
  moves,
  NOW,
  S,
  SETTINGS,
  stands,
  type Story,
  syncing,
  trackOf,
  validator,
} from './testdata/stories.ts'

test('a pod follows the chain once it was seen to get a new block', () => {
  assert.equal(follows(trackOf({ heard: [[0, 1000]] }), 'seid-1', AT), false)
  assert.equal(follows(trackOf(moves), 'seid-1', AT), true)
  assert.equal(follows(trackOf(moves), 'seid-2', AT), false)
  assert.equal(follows(trackOf(stands), 'seid-1', AT), false)
  assert.equal(follows(trackOf(syncing), 'seid-1', AT), false)
  assert.equal(follows(trackOf({ ...moves, silentFor: [0] }), 'seid-1', AT), false)
  assert.equal(follows(undefined, 'seid-1', AT), false)
})

for (const [title, stories, expected] of [
  [
    'all stand still',
    [
      [stands, true],
      [stands, true],
      [stands, true],
    ],
    true,
  ],
  [
    'one moves',
    [
      [stands, true],
      [stands, true],
      [moves, true],
    ],
    false,
  ],
  [
    'one has just stopped',
    [
      [stands, true],
      [stands, true],
      [justStopped, true],
    ],
    false,
  ],
  [
    'one does not answer and is not ready',
    [
      [stands, true],
      [stands, true],
      [away, false],
    ],
    true,
  ],
  [
    'one does not answer and is ready',
    [
      [stands, true],
      [stands, true],
      [away, true],
    ],
    false,
  ],
  [
    'two of three do not answer',
    [
      [stands, true],
      [away, false],
      [away, false],
    ],
    true,
  ],
  [
    'three of four do not answer: they may make blocks',
    [
      [stands, true],
      [away, false],
      [away, false],
      [away, false],
    ],
    false,
  ],
  [
    'none answers',
    [
      [away, false],
      [away, false],
    ],
    false,
  ],
  [
    'one was never asked',
    [
      [stands, true],
      [stands, true],
      [{}, false],
    ],
    true,
  ],
  ['there is none', [], false],
] as const satisfies readonly (readonly [string, readonly (readonly [Story, boolean])[], boolean])[]) {
  test(`a network of validators, ${title}: ${expected ? 'halted' : 'not known to be halted'}`, () => {
    const validators = stories.map(([story, isReady]) => ({ track: trackOf(story), isReady }))
    assert.equal(haltedSince(validators, AT, SETTINGS) !== undefined, expected)
  })
}

function since(...stories: readonly Story[]): number | undefined {
  const validators = stories.map(story => ({ track: trackOf(story), isReady: true }))
  return haltedSince(validators, AT, SETTINGS)
}

test('a network stands still since the last block of the node that stopped last', () => {
  const early: Story = { ...stands, blockAge: 3600 }
  assert.equal(since(early, early), NOW - 3660 * S)
  assert.equal(since(early, stands), NOW - 61 * S)
  // The block's time is by the clocks of validators. What was seen here is no later.
  assert.equal(since({ ...stands, blockAge: -3600 }), NOW - 60 * S)
})

test('a node is evaluable once it had a second block or stands still, a validator once it was sampled', () => {
  assert.equal(isEvaluable(undefined, AT, SETTINGS), false)
  assert.equal(isEvaluable(trackOf({ heard: [[0, 1000]] }), AT, SETTINGS), false)
  assert.equal(isEvaluable(trackOf({ heard: [[0, 1000]], silentFor: [0] }), AT, SETTINGS), true)
  for (const story of [moves, stands, syncing]) assert.equal(isEvaluable(trackOf(story), AT, SETTINGS), true)
  const story: Story = { ...moves, answer: validator }
  assert.equal(isEvaluable(trackOf(story), AT, SETTINGS), false)
  assert.equal(isEvaluable(trackOf({ ...story, signed: [false] }), AT, SETTINGS), true)
})

test('a validator follows for a rollout once it has signed a block of this start', () => {
  const { movingSince = 0 } = trackOf(moves) ?? {}
  const story: Story = { ...moves, answer: validator }
  assert.equal(follows(trackOf(story), 'seid-1', AT), false)
  assert.equal(follows(trackOf({ ...story, signed: [false] }), 'seid-1', AT), false)
  assert.equal(follows(trackOf({ ...story, signed: [false, true] }), 'seid-1', AT), true)
  // Nobody serves commits.
  const track = trackOf(story)
  const later = movingSince + 120 * S
  const late = track?.last && { ...track, movedAt: later, last: { ...track.last, at: later } }
  assert.equal(follows(late, 'seid-1', later), true)
})
