/** How the nodes of one chain are evaluated together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as assertProperty, constantFrom, property } from 'fast-check'
import {
  away,
  evaluate,
  justStopped,
  missedOne,
  moves,
  neverAnswered,
  stands,
  type Story,
  syncing,
  syncStuck,
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

test('a node is compared with the head at the time of its own answer, whichever answered first', () => {
  assert.equal(evaluate(fast(1000, 10), fast(0, 0))[0]?.kind, 'Following')
  assert.equal(evaluate(fast(0, 10), fast(100, 0))[1]?.kind, 'CatchingUp')
})
