/** How the nodes of one chain are evaluated together, and when a network of validators stands still. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as assertProperty, constantFrom, property } from 'fast-check'
import { follows, haltedSince, isEvaluable } from './health.ts'
import {
  away,
  evaluate,
  justStopped,
  missedOne,
  moves,
  neverAnswered,
  NOW,
  AT,
  S,
  SETTINGS,
  stands,
  type Story,
  syncing,
  syncStuck,
  trackOf,
  validator,
  young,
} from './testdata/stories.ts'

const table: readonly (readonly [title: string, stories: readonly Story[], kinds: readonly (string | undefined)[]])[] =
  [
    ['two that move', [moves, moves], ['Following', 'Following']],
    ['one of two stands still', [stands, moves], ['Stuck', 'Following']],
    ['one of two stands still, without peers', [{ ...stands, answer: { peers: 0 } }, moves], ['NoPeers', 'Following']],
    ['two that stand still', [stands, stands], ['ChainHalted', 'ChainHalted']],
    [
      'two that stand still at different heights',
      [
        stands,
        {
          heard: [
            [60, 901],
            [0, 901],
          ],
        },
      ],
      ['ChainHalted', 'ChainHalted'],
    ],
    [
      'two of four are away, and the others stand still',
      [stands, stands, away, away],
      ['ChainHalted', 'ChainHalted', 'Unknown', 'Unknown'],
    ],
    [
      'two of four are away, and the others move',
      [moves, moves, away, away],
      ['Following', 'Following', 'Unknown', 'Unknown'],
    ],
    ['one of four is away', [moves, moves, moves, away], ['Following', 'Following', 'Following', 'Unknown']],
    ['one stands still, one is away, one moves', [stands, away, moves], ['Stuck', 'Unknown', 'Following']],
    ['one stands still beside one that catches up', [stands, syncing], ['Stuck', 'CatchingUp']],
    [
      'one that catches up above one that stands still',
      [
        stands,
        {
          heard: [
            [60, 500],
            [40, 1000],
            [20, 1500],
            [0, 2000],
          ],
          answer: { isCatchingUp: true },
        },
      ],
      ['Stuck', 'CatchingUp'],
    ],
    [
      'one that catches up behind one that moves',
      [
        {
          heard: [
            [30, 100],
            [0, 200],
          ],
        },
        moves,
      ],
      ['CatchingUp', 'Following'],
    ],
    [
      'one that moves is not measured against one that stood still higher',
      [
        moves,
        {
          heard: [
            [60, 5000],
            [0, 5000],
          ],
        },
      ],
      ['Following', 'ChainHalted'],
    ],
    [
      'the first that has a block after a halt leaves nobody behind yet',
      [
        stands,
        {
          heard: [
            [100, 900],
            [40, 900],
            [0, 901],
          ],
        },
      ],
      [undefined, 'Following'],
    ],
    [
      'nodes of another chain prove nothing about this one',
      [stands, { ...moves, answer: { network: 'x' } }],
      ['Stuck', 'WrongChain'],
    ],
    ['one that never answered beside one that moves', [neverAnswered, moves], ['Unknown', 'Following']],
    ['one that was just made beside one that moves', [young, moves], [undefined, 'Following']],
    [
      'one at height 0 beside one that moves',
      [
        {
          heard: [
            [45, 0],
            [0, 0],
          ],
        },
        moves,
      ],
      ['Stuck', 'Following'],
    ],
    [
      'two before the first block',
      [
        {
          heard: [
            [45, 0],
            [0, 0],
          ],
        },
        {
          heard: [
            [40, 0],
            [0, 0],
          ],
        },
      ],
      ['ChainHalted', 'ChainHalted'],
    ],
  ]

for (const [title, stories, kinds] of table) {
  test(`${title}: ${kinds.join(', ')}`, () => {
    assert.deepEqual(
      evaluate(...stories).map(health => health?.kind),
      kinds,
    )
  })
}

test('property: the more nodes move, the less is said to be halted; every node that answers has a health', () => {
  const story = constantFrom(moves, stands, justStopped, away, syncing, syncStuck, missedOne)
  assertProperty(
    property(array(story, { maxLength: 7 }), stories => {
      const kinds = evaluate(...stories).map(health => health?.kind)
      assert.ok(kinds.every(kind => kind !== undefined))
      if (stories.includes(moves)) assert.ok(!kinds.includes('ChainHalted'), kinds.join())
      const more = evaluate(...stories, moves).map(health => health?.kind)
      kinds.forEach((kind, i) => kind === 'Following' && assert.equal(more[i], 'Following'))
    }),
  )
})

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

/** Of a chain that makes 100 blocks a second. */
function fast(behind: number, at: number): Story {
  return {
    heard: [
      [at + 60, 10_000 - behind - 6000],
      [at, 10_000 - behind],
    ],
  }
}

function catchingUp(maxPeerHeight: number): Story {
  return {
    heard: [
      [30, 400],
      [0, 560],
    ],
    answer: { isCatchingUp: true, maxPeerHeight },
  }
}

test('a chain is halted beside a node that catches up only if that node knows of nothing higher', () => {
  assert.deepEqual(evaluate(stands, catchingUp(5000))[0], {
    ...evaluate(stands, moves)[0],
    headHeight: 5000,
  })
  assert.equal(evaluate({ ...stands, answer: validator }, catchingUp(905))[0]?.kind, 'ChainHalted')
})

test('a peer that claims any height is not believed where another node is known', () => {
  const liar: Story = { ...moves, answer: { maxPeerHeight: 9e12 } }
  assert.equal(
    evaluate(liar, moves, {
      ...moves,
      heard: [
        [15, 990],
        [0, 1010],
      ],
    })[0]?.kind,
    'Following',
  )
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

test('a node is compared with the head at the time of its own answer, whichever answered first', () => {
  assert.equal(evaluate(fast(1000, 10), fast(0, 0))[0]?.kind, 'Following')
  assert.equal(evaluate(fast(0, 10), fast(100, 0))[1]?.kind, 'CatchingUp')
})
