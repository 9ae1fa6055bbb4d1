/** How one node is evaluated, from what it was heard to say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, unanswered } from './track.ts'
import {
  away,
  base,
  evaluate,
  justStopped,
  missedOne,
  misses,
  moves,
  neverAnswered,
  NOW,
  S,
  signs,
  stands,
  type Story,
  syncing,
  syncingNoPeers,
  syncPause,
  syncStuck,
  trackOf,
  validator,
  young,
} from './testdata/stories.ts'

const table: readonly (readonly [title: string, stories: readonly Story[], kinds: readonly (string | undefined)[]])[] =
  [
    // One node alone.
    ['a node that was never asked', [{}], [undefined]],
    ['one whose height rises', [moves], ['Following']],
    ['one that told a fresh block at its first answer', [{ heard: [[0, 1000]] }], ['Following']],
    ['one that told an old block at its first answer', [{ heard: [[0, 1000]], blockAge: 3600 }], ['CatchingUp']],
    ['one before its first block, just asked', [{ heard: [[0, 0]] }], ['CatchingUp']],
    [
      'one before its first block for long',
      [
        {
          heard: [
            [45, 0],
            [0, 0],
          ],
        },
      ],
      ['ChainHalted'],
    ],
    ['one that rose though its blocks are old', [{ ...moves, blockAge: 3600 }], ['Following']],
    ['one whose clock is behind by an hour', [{ ...moves, blockAge: -3600 }], ['Following']],
    [
      'one that stands still for 29 s',
      [
        {
          heard: [
            [40, 899],
            [29, 900],
            [0, 900],
          ],
        },
      ],
      ['Following'],
    ],
    [
      'one that stands still for 30 s',
      [
        {
          heard: [
            [40, 899],
            [30, 900],
            [0, 900],
          ],
        },
      ],
      ['ChainHalted'],
    ],
    ['one that stands still, alone', [stands], ['ChainHalted']],
    ['one that stands still without peers', [{ ...stands, answer: { peers: 0 } }], ['NoPeers']],
    ['one whose peers were never asked for', [{ ...stands, answer: { peers: undefined } }], ['ChainHalted']],
    ['one that stands still and knows a higher peer', [{ ...stands, answer: { maxPeerHeight: 950 } }], ['Stuck']],
    ['one that stands still and knows lower peers', [{ ...stands, answer: { maxPeerHeight: 850 } }], ['ChainHalted']],
    ['one that moves without peers, as a chain of one validator', [{ ...moves, answer: { peers: 0 } }], ['Following']],
    ['one that has just stopped', [justStopped], ['Following']],
    ['one that did not answer once', [missedOne], ['Following']],
    ['one that has not answered for 40 s', [away], ['Unknown']],
    ['one that never answered', [neverAnswered], ['Unknown']],
    ['one that has not answered yet', [young], [undefined]],
    [
      'one that answers again after a silence',
      [
        {
          heard: [
            [90, 800],
            [0, 1000],
          ],
        },
      ],
      ['Following'],
    ],
    // Catching up.
    ['one that fetches blocks', [syncing], ['CatchingUp']],
    ['one that fetches blocks of peers that say nothing', [syncingNoPeers], ['CatchingUp']],
    ['one that pauses for 100 s while it fetches', [syncPause], ['CatchingUp']],
    ['one that stands still for 150 s while it fetches', [syncStuck], ['Stuck']],
    [
      'one that stands still while it fetches and has no peers',
      [{ ...syncStuck, answer: { isCatchingUp: true, peers: 0 } }],
      ['NoPeers'],
    ],
    [
      'one that says it is in sync and is far behind its peers',
      [{ ...moves, answer: { maxPeerHeight: 2000 } }],
      ['CatchingUp'],
    ],
    ['one that is a little behind its peers', [{ ...moves, answer: { maxPeerHeight: 1100 } }], ['Following']],
    // Another chain.
    ['one of another chain', [{ ...moves, answer: { network: 'pacific-1' } }], ['WrongChain']],
    ['one of another chain that stands still', [{ ...stands, answer: { network: 'pacific-1' } }], ['WrongChain']],
    ['one that does not say its chain', [{ ...moves, answer: { network: undefined } }], ['Following']],
    ['one of another chain that is away', [{ ...away, answer: { network: 'pacific-1' } }], ['Unknown']],
    // Signing.
    ['a validator that signs', [{ ...moves, answer: validator, signed: signs }], ['Following']],
    ['a validator that misses all', [{ ...moves, answer: validator, signed: misses }], ['NotSigning']],
    [
      'a validator that misses half',
      [{ ...moves, answer: validator, signed: [true, false, true, false] }],
      ['Following'],
    ],
    [
      'a validator that misses more than half',
      [{ ...moves, answer: validator, signed: [false, false, true, false] }],
      ['NotSigning'],
    ],
    ['too few samples to tell', [{ ...moves, answer: validator, signed: [false, false, false] }], ['Following']],
    ['only the last samples count', [{ ...moves, answer: validator, signed: [...misses, ...signs] }], ['Following']],
    ['a key that is not in the validator set', [{ ...moves, signed: misses }], ['Following']],
    [
      'a validator that catches up and misses all',
      [{ ...syncing, answer: { ...syncing.answer, ...validator }, signed: misses }],
      ['CatchingUp'],
    ],
    [
      'a validator that stands still and misses all',
      [{ ...stands, answer: validator, signed: misses }, moves],
      ['Stuck', 'Following'],
    ],
    [
      'a validator without peers that misses all',
      [{ ...stands, answer: { ...validator, peers: 0 }, signed: misses }, moves],
      ['NoPeers', 'Following'],
    ],
    ['a validator that is away and missed all', [{ ...away, answer: validator, signed: misses }], ['Unknown']],
  ]

for (const [title, stories, kinds] of table) {
  test(`${title}: ${kinds.join(', ')}`, () => {
    assert.deepEqual(
      evaluate(...stories).map(health => health?.kind),
      kinds,
    )
  })
}

test('a node that catches up says how many blocks are left, and how fast it fetches them', () => {
  assert.deepEqual(evaluate(syncing), [{ kind: 'CatchingUp', height: 700, blocksLeft: 300, blocksPerSecond: 10 }])
})

test('the distance counts to the highest node that moves, or the highest peer', () => {
  const [behind] = evaluate(
    {
      heard: [
        [30, 100],
        [0, 200],
      ],
      answer: { maxPeerHeight: 900 },
    },
    moves,
  )
  assert.deepEqual(behind?.kind === 'CatchingUp' && behind.blocksLeft, 800)
})

test('a node that stands still says since when, at what height, and what it misses', () => {
  const [stuck] = evaluate({ ...stands, answer: validator, signed: misses }, moves)
  assert.deepEqual(stuck, {
    kind: 'Stuck',
    height: 900,
    headHeight: 1000,
    since: NOW - 60 * S,
    blockTime: NOW - 61 * S,
    notSigning: { missed: 8, sampled: 8 },
  })
})

test('what a pod said before is forgotten with the pod', () => {
  const before = trackOf(moves)
  const after = answered(before, 'another pod', base(1000, NOW), NOW)
  assert.equal(after.hasMoved, false)
  assert.equal(unanswered(before, 'another pod', 'refused', NOW).last, undefined)
})

test('peers that are not asked for each time stay known', () => {
  const first = answered(undefined, 'pod', base(1, NOW), NOW)
  assert.equal(answered(first, 'pod', { ...base(2, NOW), peers: undefined }, NOW).last?.peers, 3)
})
