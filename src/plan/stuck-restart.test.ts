/** When a stuck node is restarted, and how often. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { StuckRestart } from '../api/seinode-status.ts'
import {
  decideStuckRestart,
  isBeingRestarted,
  type StuckDecision,
  type StuckFacts,
  withFollowed,
  withRestart,
} from './stuck-restart.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Date.UTC(2026, 4, 2, 12)

/** A restart so many hours ago. */
function restart(hours: number, more: Partial<StuckRestart> = {}): StuckRestart {
  const time = new Date(NOW - hours * HOUR).toISOString()
  return { time, containerID: `containerd://${hours}`, followedAt: time, ...more }
}

/** One that the node has not followed the chain after. */
function open(hours: number, containerID: string): StuckRestart {
  return { time: new Date(NOW - hours * HOUR).toISOString(), containerID }
}

const DUE: StuckFacts = {
  afterMs: 10 * MINUTE,
  start: 'containerd://now',
  stuckSince: NOW - 10 * MINUTE,
  restarts: [],
  exemption: undefined,
  obstacle: undefined,
  approve: () => true,
  now: NOW,
}

const refused = (why: string): StuckDecision => ({ kind: 'refused', why })
const recording: StuckDecision = { kind: 'recording', start: 'containerd://now' }

const rows: readonly (readonly [what: string, facts: Partial<StuckFacts>, decision: StuckDecision])[] = [
  ['without a policy nothing is done', { afterMs: undefined }, { kind: 'none' }],
  ['a node that is not stuck is left alone', { stuckSince: undefined }, { kind: 'none' }],
  ['so is one whose seid does not run', { start: undefined }, { kind: 'none' }],
  [
    'a node that is stuck for less than the duration waits for the rest',
    { stuckSince: NOW - 4 * MINUTE },
    { kind: 'waiting', dueAt: NOW + 6 * MINUTE },
  ],
  ['one that is stuck for the duration is restarted, first in status', {}, recording],
  ['then its pod is deleted', { restarts: [open(0, 'containerd://now')] }, { kind: 'restarting' }],
  [
    'a record that an earlier process made is acted on while that start is stuck still',
    { restarts: [open(5, 'containerd://now')] },
    { kind: 'restarting' },
  ],
  [
    'a restart that did not help is not repeated',
    { restarts: [open(5, 'containerd://before')] },
    { kind: 'exhausted', lastAt: NOW - 5 * HOUR },
  ],
  [
    'a restart that did not help is not repeated, however long ago it was',
    { restarts: [open(50, 'containerd://before')] },
    { kind: 'exhausted', lastAt: NOW - 50 * HOUR },
  ],
  ['a node that followed the chain since then is restarted again', { restarts: [restart(5)] }, recording],
  [
    'one that recovered before its pod was deleted has another stall, and another restart',
    { restarts: [restart(5, { containerID: 'containerd://now' })] },
    recording,
  ],
  ['two restarts in 24 h leave one', { restarts: [restart(30), restart(23), restart(1)] }, recording],
  [
    'three restarts in 24 h leave none until the first of them is a day old',
    { restarts: [restart(23), restart(12), restart(1)] },
    { kind: 'exhausted', lastAt: NOW - HOUR, until: NOW + HOUR },
  ],
  [
    'the third restart in 24 h is carried out once it is in status',
    { restarts: [restart(23), restart(12), open(0, 'containerd://now')] },
    { kind: 'restarting' },
  ],
  ['an exempt node is never restarted', { exemption: 'so' }, { kind: 'exempt', why: 'so' }],
  [
    'an exempt node is not restarted after a record either',
    { exemption: 'so', restarts: [open(0, 'containerd://now')] },
    { kind: 'exempt', why: 'so' },
  ],
  ['a node that something else is done about is not restarted', { obstacle: 'so' }, refused('so')],
  [
    'a node that something else is done about is not restarted after a record either',
    { obstacle: 'so', restarts: [open(0, 'containerd://now')] },
    refused('so'),
  ],
  [
    'a validator that the others cannot spare is not restarted',
    { approve: () => false },
    refused('the other validators of its pool cannot spare it now'),
  ],
  [
    'a validator that the others cannot spare is not restarted after a record either',
    { approve: () => false, restarts: [open(0, 'containerd://now')] },
    refused('the other validators of its pool cannot spare it now'),
  ],
]

suite('a stuck node', () => {
  for (const [what, facts, decision] of rows) {
    test(`${what}: ${decision.kind}`, () => assert.deepEqual(decideStuckRestart({ ...DUE, ...facts }), decision))
  }

  test('the others are asked only if everything else allows the restart', () => {
    let asked = 0
    const approve = (): boolean => {
      asked += 1
      return true
    }
    for (const facts of [{ stuckSince: NOW }, { obstacle: 'so' }, { restarts: [open(5, 'other')] }])
      decideStuckRestart({ ...DUE, approve, ...facts })
    assert.equal(asked, 0)
    decideStuckRestart({ ...DUE, approve })
    assert.equal(asked, 1)
  })
})

suite('the record of restarts', () => {
  test('has the last three', () => {
    const restarts = withRestart([restart(30), restart(20), restart(10)], 'containerd://now', NOW)
    assert.deepEqual(restarts, [
      restart(20),
      restart(10),
      { time: new Date(NOW).toISOString(), containerID: 'containerd://now' },
    ])
  })

  test('has when the node first followed the chain after the last', () => {
    const [before, after] = [open(2, 'a'), new Date(NOW).toISOString()]
    const followed = withFollowed([restart(9), before], NOW)
    assert.deepEqual(followed, [restart(9), { ...before, followedAt: after }])
    assert.equal(withFollowed(followed, NOW + HOUR), followed)
    assert.deepEqual(withFollowed([], NOW), [])
  })

  test('says that a node restarts until it follows the chain, or for ten minutes', () => {
    assert.equal(isBeingRestarted(undefined, NOW), false)
    assert.equal(isBeingRestarted([open(0, 'a')], NOW), true)
    assert.equal(isBeingRestarted([open(0, 'a')], NOW + 10 * MINUTE), false)
    assert.equal(isBeingRestarted([restart(0)], NOW), false)
  })
})
