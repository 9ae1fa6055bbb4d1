/** Which nodes are restarted because they are stuck, and what status, requeue and events make of the decision. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { SeiNodeStatus, StuckRestart } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import type { ChainHealth } from '../../../chain/health.ts'
import type { ChainAnswer } from '../../../chain/track.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { StuckDecision } from '../../../plan/stuck-restart.ts'
import { transitionEvents } from '../events.ts'
import type { Observation } from '../observation.ts'
import { nextRequeue } from '../requeue.ts'
import { buildStatus } from '../status.ts'
import { NOW, planOf, podOf } from '../testdata/objects.ts'
import { observationOf, TASKS } from '../testdata/observation.ts'
import { stuckDecision } from './restart-stuck.ts'

const MINUTE = 60_000
const START = 'containerd://seid-1'
const STUCK: ChainHealth = {
  kind: 'Stuck',
  height: 900,
  headHeight: 1000,
  since: NOW - 60 * MINUTE,
  isValidator: false,
}
const ALONE: ChainHealth = { kind: 'Stuck', height: 900, since: NOW, isValidator: false }
const POWERFUL: ChainAnswer = {
  nodeID: undefined,
  network: 'pacific-1',
  height: 900,
  blockTime: NOW,
  isCatchingUp: false,
  maxPeerHeight: 0,
  validatorAddress: 'AB',
  votingPower: 1,
  peers: 3,
}
const POOL = { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNodePool', name: 'devnet', uid: 'pool-1', controller: true }

type Chain = NonNullable<SeiNodeStatus['chain']>

function nodeOf({
  spec = {},
  isOfPool = false,
  chain = {},
  restarts = [],
}: {
  readonly spec?: Parameters<typeof seiNode>[1]
  readonly isOfPool?: boolean
  readonly chain?: Partial<Chain>
  readonly restarts?: readonly StuckRestart[]
} = {}): SeiNode {
  const policy = { healthPolicy: { restartStuckAfter: '10m' } }
  const owners = isOfPool ? { ownerReferences: [POOL] } : {}
  const node = seiNode('a', { ...policy, ...spec }, { generation: 3, ...owners })
  const since = new Date(NOW - 10 * MINUTE).toISOString()
  const stored: Chain = { state: 'Stuck', since, containerID: START, firstFollowedAt: since, ...chain }
  return { ...node, status: { chain: stored, ...(restarts.length > 0 && { stuckRestarts: [...restarts] }) } }
}

function stuckNode(changes: Partial<Observation> = {}): Observation {
  return observationOf({ node: nodeOf(), chain: STUCK, change: { kind: 'none' }, ...changes })
}

function decided(observation: Observation, canSpare = true, mayReplace = true): StuckDecision {
  const gate = { approveStuckRestart: () => canSpare }
  return stuckDecision(observation, () => mayReplace, gate)
}

const replayer = { snapshot: { stateSync: {} }, peers: [{ static: { addresses: [`${'ab'.repeat(20)}@peer:26656`] } }] }

const rows: readonly (readonly [what: string, changes: Partial<Observation>, kind: StuckDecision['kind']])[] = [
  ['stuck for the duration', {}, 'recording'],
  ['without a policy', { node: nodeOf({ spec: { healthPolicy: {} } }) }, 'none'],
  ['that follows its chain', { chain: { kind: 'Following', height: 900 } }, 'none'],
  ['of a chain that stands still', { chain: { ...STUCK, kind: 'ChainHalted', answering: 3 } }, 'none'],
  ['whose chain nobody else tells about', { chain: ALONE }, 'none'],
  ['of which a new operator knows nothing yet', { chain: undefined }, 'none'],
  ['whose pod is going', { pod: podOf({ terminating: true }) }, 'none'],
  ['whose stall has only now been observed', { node: nodeOf({ chain: { state: 'Following' } }) }, 'waiting'],
  [
    'whose stall is that of an earlier start',
    { node: nodeOf({ chain: { containerID: 'containerd://0' } }) },
    'waiting',
  ],
  ['that is a replayer', { node: nodeOf({ spec: { replayer } }) }, 'exempt'],
  ['of mode validator without a pool', { node: nodeOf({ spec: { mode: 'validator' } }) }, 'exempt'],
  ['with voting power, without a pool', { chainAnswer: POWERFUL }, 'exempt'],
  ['that had voting power when it stopped', { chain: { ...STUCK, isValidator: true } }, 'exempt'],
  ['of a pool', { node: nodeOf({ spec: { mode: 'validator' }, isOfPool: true }), chainAnswer: POWERFUL }, 'recording'],
  ['with an invalid spec', { spec: { reason: 'DataVolumeTooSmall', message: '', blocks: true } }, 'refused'],
  [
    'with another volume',
    { volumeBlock: { kind: 'gone', claim: 'data-a', recorded: 'volume-0', accept: 'lost:volume-0' } },
    'refused',
  ],
  ['whose key is refused', { key: { kind: 'refused', reason: 'KeyInUse', message: '' } }, 'refused'],
  ['whose key is not reported', { key: { kind: 'waiting', message: '' } }, 'refused'],
  ['in the middle of its bootstrap', { plan: planOf(TASKS, 1) }, 'refused'],
  ['that gets a configuration', { updatePlan: planOf(['config-apply']) }, 'refused'],
  ['that waits for a rollout', { change: { kind: 'waiting', cause: 'Operator' } }, 'refused'],
  ['that proves a change', { change: { kind: 'proving', cause: 'Spec' } }, 'refused'],
  ['whose change is not known', { change: undefined }, 'refused'],
  ['whose pod is replaced', { rollout: { kind: 'rolling' } }, 'refused'],
  ['whose spec is not applied', { failure: { reason: 'ApplyRefused', message: '' } }, 'refused'],
]

suite('a node', () => {
  for (const [what, changes, kind] of rows) {
    test(`${what}: ${kind}`, () => assert.equal(decided(stuckNode(changes)).kind, kind))
  }

  test('whose volume would not outlive its pod: refused', () => {
    assert.equal(decided(stuckNode(), true, false).kind, 'refused')
  })

  test('that the others cannot spare: refused', () => assert.equal(decided(stuckNode(), false).kind, 'refused'))
})

/** What a reconcile writes of the decision. */
function reported(observation: Observation): { status: SeiNodeStatus; ready: string; events: readonly string[] } {
  const status = buildStatus({ ...observation, stuckRestart: decided(observation) })
  const { reason, message } = findCondition(status.conditions, 'Ready') ?? {}
  const events = transitionEvents(observation.node.status, status, 'none').map(each => each.reason)
  return { status, ready: `${reason}: ${message}`, events }
}

const open: StuckRestart = { time: new Date(NOW - 20 * MINUTE).toISOString(), containerID: 'containerd://seid-0' }
const over = (hours: number): StuckRestart => {
  const time = new Date(NOW - hours * 60 * MINUTE).toISOString()
  return { time, containerID: `containerd://${hours}`, followedAt: time }
}

suite('what is reported of a stuck node', () => {
  test('the restart is in status, with an event, before the pod is deleted in the next reconcile', () => {
    const first = stuckNode()
    const { status, events } = reported(first)
    const recorded = { time: new Date(NOW).toISOString(), containerID: START }
    assert.deepEqual(status.stuckRestarts, [recorded])
    assert.ok(events.includes('StuckNodeRestarted'), events.join())
    assert.deepEqual(nextRequeue({ ...first, stuckRestart: decided(first) }, NOW), { requeueAfterMs: 0 })

    const next = stuckNode({ node: nodeOf({ restarts: [recorded] }), now: NOW + 1 })
    assert.equal(decided(next).kind, 'restarting')
    assert.deepEqual(reported(next).status.stuckRestarts, [recorded])
    assert.ok(!reported(next).events.includes('StuckNodeRestarted'))
  })

  test('the record says when the node followed its chain again', () => {
    const { status } = reported(observationOf({ node: nodeOf({ restarts: [over(9), open] }) }))
    assert.deepEqual(status.stuckRestarts, [over(9), { ...open, followedAt: new Date(NOW).toISOString() }])
  })

  test('until the restart, the message says when it is', () => {
    const node = nodeOf({ chain: { since: new Date(NOW - 4 * MINUTE).toISOString() } })
    const observation = stuckNode({ node })
    assert.match(reported(observation).ready, /^Stuck: .*The operator restarts it at 2026-05-01T12:06:00Z$/)
    const requeue = nextRequeue({ ...observation, stuckRestart: decided(observation) }, NOW)
    assert.deepEqual(requeue, { requeueAfterMs: 6 * MINUTE })
  })

  test('a restart that did not help: RestartsExhausted', () => {
    const observation = stuckNode({ node: nodeOf({ restarts: [open] }) })
    const { ready, events } = reported(observation)
    assert.match(
      ready,
      /^RestartsExhausted: .*restarted it at 2026-05-01T11:40:00Z, .* until it has followed the chain$/,
    )
    assert.ok(events.includes('RestartsExhausted'), events.join())
  })

  test('three restarts in 24 h: RestartsExhausted, until the first is a day old', () => {
    const observation = stuckNode({ node: nodeOf({ restarts: [over(23), over(5), over(1)] }) })
    assert.match(
      reported(observation).ready,
      /3 times in 24 h, the last time at .*T11:00.*not .* before .*-01T13:00:00Z$/,
    )
    const requeue = nextRequeue({ ...observation, stuckRestart: decided(observation) }, NOW)
    assert.deepEqual(requeue, { requeueAfterMs: 60 * MINUTE })
  })

  test('a node that is not restarted: why', () => {
    const alone = stuckNode({ node: nodeOf({ spec: { mode: 'validator' } }) })
    assert.match(
      reported(alone).ready,
      /^Stuck: .*does not restart it: it is a validator that no SeiNodePool has created$/,
    )
    assert.equal(nextRequeue({ ...alone, stuckRestart: decided(alone) }, NOW), undefined)
    const refused: Observation = { ...stuckNode(), stuckRestart: { kind: 'refused', why: 'so' } }
    assert.deepEqual(nextRequeue(refused, NOW), { requeueAfterMs: 30_000 })
  })

  test('RestartsExhausted outlives the operator', () => {
    const observation = stuckNode({ node: nodeOf({ restarts: [open] }) })
    const { status } = reported(observation)
    const later = stuckNode({ node: { ...observation.node, status }, chain: undefined })
    assert.match(reported(later).ready, /^RestartsExhausted: /)
  })
})
