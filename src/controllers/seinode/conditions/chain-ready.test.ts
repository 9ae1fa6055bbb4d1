/** What Ready says of each way in which a node follows its chain, or does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChainHealth } from '../../../chain/health.ts'
import type { ChainAnswer } from '../../../chain/track.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { podOf } from '../testdata/objects.ts'
import { observationOf } from '../testdata/observation.ts'
import type { Observation } from '../observation.ts'
import { evaluateFollowing } from './chain-ready.ts'

const SINCE = Date.UTC(2026, 0, 1, 12)
const standing = { height: 900, since: SINCE, blockTime: SINCE - 1000 }
const answer: ChainAnswer = {
  nodeID: 'ab'.repeat(20),
  network: 'pacific-1',
  height: 900,
  blockTime: SINCE,
  isCatchingUp: false,
  maxPeerHeight: 0,
  validatorAddress: undefined,
  votingPower: 0,
  peers: 3,
}
const unready = podOf({ ready: false })
const unknown: ChainHealth = { kind: 'Unknown', silence: 'no answer within 5 s', since: SINCE }

const table: readonly (readonly [
  title: string,
  chain: ChainHealth | undefined,
  changes: Partial<Observation>,
  reason: string,
  says: RegExp,
])[] = [
  ['it follows', { kind: 'Following', height: 900 }, {}, 'Ready', /^seid is running and follows the chain$/],
  [
    'it follows, and the probe of the kubelet fails',
    { kind: 'Following', height: 900 },
    { pod: unready },
    'CatchingUp',
    /does not yet report/,
  ],
  ['it catches up', { kind: 'CatchingUp', height: 900 }, {}, 'CatchingUp', /does not yet report/],
  [
    'blocks are left',
    { kind: 'CatchingUp', height: 900, blocksLeft: 500 },
    { pod: unready },
    'CatchingUp',
    /^seid is at height 900, 500 blocks behind the chain$/,
  ],
  [
    'blocks are left for seconds',
    { kind: 'CatchingUp', height: 900, blocksLeft: 500, blocksPerSecond: 45.678 },
    {},
    'CatchingUp',
    /500 blocks behind the chain, at 46 blocks a second: about 11 s$/,
  ],
  [
    'blocks are left for days',
    { kind: 'CatchingUp', height: 900, blocksLeft: 9_000_000, blocksPerSecond: 20 },
    {},
    'CatchingUp',
    /about 5 days$/,
  ],
  [
    'it stands still',
    { kind: 'Stuck', headHeight: 1000, ...standing },
    {},
    'Stuck',
    /no new block since 2026-01-01T12:00:00Z, stands at height 900, while other nodes of chain pacific-1 are at 1000\. Read its log: kubectl logs -n sei a-0 -c seid/,
  ],
  [
    'it stands still and does not sign',
    { kind: 'NoPeers', ...standing, notSigning: { missed: 7, sampled: 8 } },
    {},
    'NoPeers',
    /did not sign 7 of the last 8 sampled blocks: it is connected to no peer.*port 26656/,
  ],
  [
    'the chain stands still',
    { kind: 'ChainHalted', answering: 3, ...standing },
    {},
    'ChainHalted',
    /chain pacific-1 makes no blocks: its last block is of 2026-01-01T11:59:59Z, height 900; all 3 nodes/,
  ],
  [
    'the chain has made no block, as far as one node knows',
    { kind: 'ChainHalted', answering: 1, ...standing, height: 0 },
    { pod: unready },
    'ChainHalted',
    /it has made no block yet, height 0; no other node of the chain answers/,
  ],
  [
    'seid is of another chain',
    { kind: 'WrongChain', height: 900, network: 'arctic-1' },
    {},
    'WrongChain',
    /node of chain arctic-1, and spec\.chainId is pacific-1/,
  ],
  [
    'its validator misses blocks',
    { kind: 'NotSigning', height: 900, record: { missed: 5, sampled: 8 } },
    {},
    'NotSigning',
    /follows the chain, but its validator did not sign 5 of the last 8/,
  ],
  [
    'it does not answer',
    unknown,
    {},
    'NoAnswer',
    /since 2026-01-01T12:00:00Z: no answer within 5 s.*port 26657 of pod a-0/,
  ],
  ['it answers no more, to nobody', unknown, { pod: unready, chainAnswer: answer }, 'NoAnswer', /no answer within 5 s/],
  ['it has yet to answer', unknown, { pod: unready }, 'CatchingUp', /does not yet report/],
  ['nobody knows yet', undefined, {}, 'CatchingUp', /does not yet report/],
]

for (const [title, chain, changes, reason, says] of table) {
  test(`${title}: ${reason}`, () => {
    const found = evaluateFollowing(observationOf({ chain, ...changes }))
    assert.equal(found.reason, reason)
    assert.match(found.message, says)
  })
}

function recorded(state: 'Following' | 'Stuck' | 'Unknown', podUID: string): ReturnType<typeof evaluateFollowing> {
  const node = seiNode('a')
  node.status = { chain: { state, since: '2026-01-01T12:00:00Z', podUID } }
  return evaluateFollowing(observationOf({ node, chain: undefined }))
}

test('an operator that has just started takes what status says of this pod', () => {
  assert.equal(recorded('Following', 'pod-1').reason, 'Ready')
  assert.deepEqual(recorded('Stuck', 'pod-1'), {
    reason: 'Stuck',
    message: 'this was observed at 2026-01-01T12:00:00Z; the operator has not asked seid since it started',
  })
  assert.equal(recorded('Unknown', 'pod-1').reason, 'NoAnswer')
  assert.equal(recorded('Following', 'an earlier pod').reason, 'CatchingUp')
})
