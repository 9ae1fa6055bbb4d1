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
const standing = { height: 900, since: SINCE, isValidator: false }
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
    { kind: 'CatchingUp', height: 900, blocksLeft: 500, closing: 45.678 },
    {},
    'CatchingUp',
    /500 blocks behind the chain; the distance shrinks by 46 blocks a second: about 11 s$/,
  ],
  [
    'blocks are left for days',
    { kind: 'CatchingUp', height: 900, blocksLeft: 9_000_000, closing: 20 },
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
    { kind: 'NoPeers', ...standing, isValidator: true },
    {},
    'NoPeers',
    /stands at height 900 and signs nothing: it is connected to no peer.*port 26656/,
  ],
  [
    'the chain stands still',
    { kind: 'ChainHalted', answering: 3, ...standing },
    {},
    'ChainHalted',
    /chain pacific-1 makes no blocks: the last block is of 2026-01-01T12:00:00Z, height 900; all 3 nodes/,
  ],
  [
    'the chain has made no block, as far as one node knows',
    { kind: 'ChainHalted', answering: 1, ...standing, height: 0 },
    { pod: unready },
    'ChainHalted',
    /no block was made yet, height 0; no other node answers/,
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

function recorded(
  state: 'Following' | 'Stuck' | 'Unknown',
  containerID: string,
  changes: Partial<Observation> = {},
): ReturnType<typeof evaluateFollowing> {
  const node = seiNode('a')
  const [since, reason] = ['2026-01-01T12:00:00Z', state === 'Unknown' ? 'NoAnswer' : state]
  const ready = { type: 'Ready', status: 'False', reason, message: 'as it was', lastTransitionTime: since } as const
  node.status = { chain: { state, since, containerID, height: 900 }, conditions: [ready] }
  return evaluateFollowing(observationOf({ node, chain: undefined, ...changes }))
}

test('an operator that has just started repeats what status says of this start of seid', () => {
  assert.equal(recorded('Following', 'containerd://seid-1').reason, 'Ready')
  assert.deepEqual(recorded('Stuck', 'containerd://seid-1'), { reason: 'Stuck', message: 'as it was' })
  assert.deepEqual(recorded('Unknown', 'containerd://seid-1'), { reason: 'NoAnswer', message: 'as it was' })
  assert.equal(recorded('Following', 'an earlier start').reason, 'CatchingUp')
  assert.equal(recorded('Following', 'containerd://seid-1', { pod: unready }).reason, 'CatchingUp')
})

test('a seid that has answered before and does not answer an operator that has just started is no beginner', () => {
  const { reason } = recorded('Unknown', 'containerd://seid-1', { chain: unknown, pod: unready })
  assert.equal(reason, 'NoAnswer')
})

test('a status of an earlier version of the operator has no record: a node that has caught up is Ready', () => {
  const node = seiNode('a')
  const plan = { phase: 'Complete', tasks: [], caughtUpAt: '2026-01-01T12:00:00Z' } as const
  node.status = { initPlan: { ...plan, tasks: [] } }
  assert.equal(evaluateFollowing(observationOf({ node, chain: undefined })).reason, 'Ready')
  node.status = { initPlan: { phase: 'Complete', tasks: [] } }
  assert.equal(evaluateFollowing(observationOf({ node, chain: undefined })).reason, 'CatchingUp')
})
