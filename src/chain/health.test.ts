/** How nodes of one chain are evaluated together, from what each was heard to say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ChainHealth, evaluateChain, follows, type HealthSettings, isHalted } from './health.ts'
import { answered, type ChainAnswer, sampled, type Track, unanswered } from './track.ts'

const NOW = Date.UTC(2026, 0, 1)
const SETTINGS: HealthSettings = { stallMs: 30_000, silentMs: 40_000, missedShare: 0.5 }
const CHAIN = 'devnet-1'
const S = 1000

/** What a node says: a height at each time before now, in seconds; `down` where it did not answer. */
interface Story {
  /** Seconds ago and height, oldest first. */
  readonly heard?: readonly (readonly [ago: number, height: number])[]
  readonly silentFor?: readonly number[]
  readonly answer?: Partial<ChainAnswer>
  /** Seconds between the last block and the answer that told of it. */
  readonly blockAge?: number
  readonly signed?: readonly boolean[]
}

function trackOf({ heard = [], silentFor = [], answer = {}, blockAge = 1, signed = [] }: Story): Track | undefined {
  let track: Track | undefined
  let blockTime = 0
  let before = -1
  for (const [ago, height] of heard) {
    const at = NOW - ago * S
    if (height > before) blockTime = at - blockAge * S
    before = height
    track = answered(track, 'pod', { ...base(height, blockTime), ...answer }, at)
  }
  for (const ago of silentFor) track = unanswered(track, 'pod', 'connect ECONNREFUSED', NOW - ago * S)
  return signed.reduce<Track | undefined>((one, has) => one && sampled(one, has), track)
}

function base(height: number, blockTime: number): ChainAnswer {
  return {
    nodeID: 'ab'.repeat(20),
    network: CHAIN,
    height,
    blockTime,
    isCatchingUp: false,
    maxPeerHeight: 0,
    validatorAddress: 'AA',
    votingPower: 0,
    peers: 3,
  }
}

function evaluate(...stories: readonly Story[]): readonly (ChainHealth | undefined)[] {
  const members = stories.flatMap((story, i) => {
    const track = trackOf(story)
    return track ? [{ key: String(i), track }] : []
  })
  const healths = evaluateChain(CHAIN, members, NOW, SETTINGS)
  return stories.map((_, i) => healths.get(String(i)))
}

const moves: Story = {
  heard: [
    [30, 960],
    [15, 980],
    [0, 1000],
  ],
}
const stands: Story = {
  heard: [
    [60, 900],
    [45, 900],
    [30, 900],
    [15, 900],
    [0, 900],
  ],
}
const justStopped: Story = {
  heard: [
    [35, 880],
    [20, 900],
    [5, 900],
  ],
}
const away: Story = {
  heard: [
    [75, 900],
    [60, 950],
  ],
  silentFor: [45, 30, 15, 0],
}
const missedOne: Story = {
  heard: [
    [30, 960],
    [15, 980],
  ],
  silentFor: [0],
}
const neverAnswered: Story = { silentFor: [60, 45, 30, 15, 0] }
const young: Story = { silentFor: [20, 5] }
const syncing: Story = {
  heard: [
    [60, 100],
    [30, 400],
    [0, 700],
  ],
  answer: { isCatchingUp: true, maxPeerHeight: 1000 },
  blockAge: 1e6,
}
const syncingNoPeers: Story = { ...syncing, answer: { isCatchingUp: true, maxPeerHeight: 0 } }
const syncPause: Story = {
  heard: [
    [100, 100],
    [60, 100],
    [0, 100],
  ],
  answer: { isCatchingUp: true, maxPeerHeight: 1000 },
}
const syncStuck: Story = {
  ...syncPause,
  heard: [
    [150, 100],
    [60, 100],
    [0, 100],
  ],
}
const validator = { votingPower: 10 }
const signs = Array.from({ length: 8 }, () => true)
const misses = signs.map(() => false)

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
    // Several.
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
    ['one stands still beside one that catches up', [stands, syncing], ['ChainHalted', 'CatchingUp']],
    [
      'one that catches up above one that stands still',
      [
        stands,
        {
          heard: [
            [30, 1000],
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
      'nodes of another chain prove nothing about this one',
      [stands, { ...moves, answer: { network: 'x' } }],
      ['ChainHalted', 'WrongChain'],
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

test('there are sixty cases at least', () => assert.ok(table.length >= 60, String(table.length)))

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

test('property: the more nodes move, the less is said to be halted; every node that answers has a health', () => {
  const story = fc.constantFrom(moves, stands, justStopped, away, syncing, syncStuck, missedOne)
  fc.assert(
    fc.property(fc.array(story, { maxLength: 7 }), stories => {
      const kinds = evaluate(...stories).map(health => health?.kind)
      assert.ok(kinds.every(kind => kind !== undefined))
      if (stories.includes(moves)) assert.ok(!kinds.includes('ChainHalted'), kinds.join())
      const more = evaluate(...stories, moves).map(health => health?.kind)
      kinds.forEach((kind, i) => kind === 'Following' && assert.equal(more[i], 'Following'))
    }),
  )
})

test('a pod follows the chain once it was seen to get a new block', () => {
  assert.equal(follows(trackOf({ heard: [[0, 1000]] }), 'pod', NOW, SETTINGS), false)
  assert.equal(follows(trackOf(moves), 'pod', NOW, SETTINGS), true)
  assert.equal(follows(trackOf(moves), 'another pod', NOW, SETTINGS), false)
  assert.equal(follows(trackOf(stands), 'pod', NOW, SETTINGS), false)
  assert.equal(follows(trackOf(syncing), 'pod', NOW, SETTINGS), false)
  assert.equal(follows(undefined, 'pod', NOW, SETTINGS), false)
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
    assert.equal(isHalted(validators, NOW, SETTINGS), expected)
  })
}
