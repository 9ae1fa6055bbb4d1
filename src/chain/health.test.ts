/** How one node is evaluated, from what it was heard to say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, unanswered } from './track.ts'
import {
  ago,
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
    ['one that told an old block at its first answer', [{ heard: [[0, 1000]], blockAge: 3600 }], [undefined]],
    ['one before its first block, just asked', [{ heard: [[0, 0]] }], [undefined]],
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
      ['Stuck'],
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
      ['Stuck'],
    ],
    ['one that stands still, alone', [stands], ['Stuck']],
    ['one that stands still without peers', [{ ...stands, answer: { peers: 0 } }], ['NoPeers']],
    ['one whose peers were never asked for', [{ ...stands, answer: { peers: undefined } }], ['Stuck']],
    ['one that stands still and knows a higher peer', [{ ...stands, answer: { maxPeerHeight: 950 } }], ['Stuck']],
    ['one that stands still and knows lower peers', [{ ...stands, answer: { maxPeerHeight: 850 } }], ['Stuck']],
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
    ['a validator that stands still, alone', [{ ...stands, answer: validator }], ['ChainHalted']],
    [
      'a peer that is ahead by a block that nobody decides',
      [{ ...stands, answer: { ...validator, maxPeerHeight: 901 } }],
      ['ChainHalted'],
    ],
    [
      'one that was not asked for a while: nothing new is known',
      [
        {
          heard: [
            [90, 950],
            [45, 1000],
          ],
        },
      ],
      [undefined],
    ],
    [
      'one whose last answer is of a while ago',
      [
        {
          heard: [
            [60, 950],
            [35, 1000],
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
    [
      'one that caught up to half of the limit',
      [{ ...moves, answer: { maxPeerHeight: 1100 }, before: 'CatchingUp' }],
      ['Following'],
    ],
    [
      'one that caught up, and not to half of the limit',
      [{ ...moves, answer: { maxPeerHeight: 1150 }, before: 'CatchingUp' }],
      ['CatchingUp'],
    ],
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
    [
      'one that did not sign, and signs half',
      [{ ...moves, answer: validator, signed: [true, false, true, false], before: 'NotSigning' }],
      ['NotSigning'],
    ],
    [
      'one that did not sign, and signs three of four',
      [{ ...moves, answer: validator, signed: [true, false, true, true], before: 'NotSigning' }],
      ['Following'],
    ],
    [
      'too few samples to tell that one signs which did not sign before',
      [{ ...moves, answer: validator, signed: [true, true, true], before: 'NotSigning' }],
      [undefined],
    ],
    [
      'one that did not sign and has lost its voting power',
      [{ ...moves, signed: [true], before: 'NotSigning' }],
      ['Following'],
    ],
    ['too few samples to tell', [{ ...moves, answer: validator, signed: [false, false, false] }], ['Following']],
    [
      'only the last samples count',
      [{ ...moves, answer: validator, signed: [...misses, ...signs, ...signs] }],
      ['Following'],
    ],
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

test('a node that catches up says how many blocks are left, and how fast the distance shrinks', () => {
  assert.deepEqual(evaluate(syncing), [{ kind: 'CatchingUp', height: 700, blocksLeft: 300, closing: 10 }])
})

test('the distance shrinks by the pace of the node less that of the chain', () => {
  // 10 blocks a second, on a chain of 4/3.
  const behind: Story = {
    heard: [
      [75, 100],
      [0, 850],
    ],
    answer: { isCatchingUp: true },
  }
  const ahead: Story = {
    heard: [
      [75, 1900],
      [60, 1920],
      [45, 1940],
      [30, 1960],
      [15, 1980],
      [0, 2000],
    ],
  }
  const [found] = evaluate(behind, ahead)
  assert.ok(found?.kind === 'CatchingUp')
  assert.equal(found.blocksLeft, 1150)
  assert.equal(found.closing?.toFixed(2), (10 - 4 / 3).toFixed(2))
})

test('a node that is slower than its chain has no time at which it arrives', () => {
  const slow: Story = {
    heard: [
      [75, 100],
      [0, 150],
    ],
  }
  const [found] = evaluate(slow, moves)
  assert.deepEqual(found, { kind: 'CatchingUp', height: 150, blocksLeft: 850 })
})

test('heights are compared at one time: a node is not behind by what its chain made since it was asked', () => {
  const fast: Story = {
    heard: [
      [60, 0],
      [0, 6000],
    ],
  }
  const earlier: Story = {
    heard: [
      [35, 2500],
      [25, 3500],
    ],
  }
  assert.deepEqual(
    evaluate(fast, earlier).map(health => health?.kind),
    ['Following', 'Following'],
  )
})

test('a node that stands still says since when, by the time of its last block, and at what height', () => {
  const [stuck] = evaluate({ ...stands, answer: validator }, moves)
  const since = NOW - 61 * S
  assert.deepEqual(stuck, { kind: 'Stuck', height: 900, headHeight: 1000, since, isValidator: true })
})

test('what an earlier start of seid said is forgotten', () => {
  const before = trackOf(moves)
  const after = answered(before, 'seid-2', base(1000, NOW), ago(0), 30_000)
  assert.equal(after.movingSince, undefined)
  assert.equal(unanswered(before, 'seid-2', 'refused', ago(0)).last, undefined)
})

test('peers that are not asked for each time stay known', () => {
  const first = answered(undefined, 'seid-1', base(1, NOW), ago(15), 30_000)
  assert.equal(answered(first, 'seid-1', { ...base(2, NOW), peers: undefined }, ago(0), 30_000).last?.peers, 3)
})
