/** The status that follows from a reconcile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNode } from '../../build/testdata/nodes.ts'
import type { ChainHealth } from '../../chain/health.ts'
import { transitionEvents } from './events.ts'
import type { Observation } from './observation.ts'
import { buildStatus } from './status.ts'
import { failedPlan, NOW, planOf, podOf } from './testdata/objects.ts'
import { observationOf, TASKS } from './testdata/observation.ts'

const idle = podOf({ ready: false, seid: { state: { waiting: {} } } })

const phases: readonly (readonly [title: string, changes: Partial<Observation>, phase: string])[] = [
  ['seid runs', {}, 'Running'],
  ['seid runs and is behind', { pod: podOf({ ready: false }) }, 'Running'],
  ['seid does not run yet', { pod: idle, sidecar: { kind: 'released' } }, 'Initializing'],
  ['the pod of a bootstrapped node is gone', { pod: undefined }, 'Initializing'],
  ['there is no plan', { plan: undefined, sidecar: { kind: 'absent' } }, 'Pending'],
  ['the plan waits for a sidecar', { plan: planOf(TASKS), sidecar: { kind: 'absent' } }, 'Pending'],
  ['the sidecar works on the first task', { plan: planOf(TASKS), sidecar: { kind: 'bootstrapping' } }, 'Initializing'],
  ['the sidecar went away in the middle', { plan: planOf(TASKS, 1), sidecar: { kind: 'absent' } }, 'Initializing'],
  ['a task failed', { plan: failedPlan(TASKS, 'x') }, 'Failed'],
]

function readySince(observation: Observation): string | undefined {
  return buildStatus(observation).conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime
}

for (const [title, changes, phase] of phases) {
  test(`phase ${phase}: ${title}`, () => {
    assert.equal(buildStatus(observationOf(changes)).phase, phase)
  })
}

test('every condition belongs to the generation that was read', () => {
  const status = buildStatus(observationOf())
  assert.equal(status.observedGeneration, 3)
  for (const condition of status.conditions ?? []) assert.equal(condition.observedGeneration, 3, condition.type)
})

test('a second reconcile that finds the same says the same, to the last timestamp', () => {
  const first = observationOf()
  const status = buildStatus(first)
  const later = observationOf({ node: { ...first.node, status }, now: NOW + 60_000 })
  assert.deepEqual(buildStatus(later), status)
})

test('the time of a condition moves with its status alone', () => {
  const first = observationOf({ pod: podOf({ ready: false }) })
  const status = buildStatus(first)
  const node = { ...first.node, status }
  const then = new Date(NOW).toISOString()
  assert.equal(readySince(observationOf({ node, pod: idle, now: NOW + 1_000 })), then)
  assert.equal(readySince(observationOf({ node, now: NOW + 1_000 })), new Date(NOW + 1_000).toISOString())
})

test('status names the volume in use and the mode in effect', () => {
  assert.deepEqual(buildStatus(observationOf()).dataVolume, { claimName: 'data-a', uid: 'volume-1' })
  const replayer = seiNode('a', {
    replayer: { peers: [{ ec2Tags: { region: 'r', tags: { a: 'b' } } }], snapshot: { stateSync: {} } },
  })
  const modes = [seiNode('a'), seiNode('a', { mode: 'seed' }), replayer].map(
    node => buildStatus(observationOf({ node })).mode,
  )
  assert.deepEqual(modes, ['full', 'seed', 'replayer'])
})

test('what this operator does not judge stays in status', () => {
  const others = {
    type: 'Audited',
    status: 'True' as const,
    reason: 'Yes',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }
  const node = { ...seiNode('a'), status: { conditions: [others] } }
  const status = buildStatus(observationOf({ node }))
  assert.deepEqual(status.conditions?.at(-1), others)
})

test('a reconcile without a plan keeps the stored one', () => {
  const node = { ...seiNode('a'), status: { initPlan: planOf(TASKS, 3) } }
  assert.deepEqual(buildStatus(observationOf({ node, plan: undefined, pod: undefined })).initPlan, planOf(TASKS, 3))
})

const STUCK: ChainHealth = { kind: 'Stuck', height: 900, headHeight: 1000, since: NOW, isValidator: false }

test('status.chain is of the last transition, whatever the heights do since', () => {
  const first = observationOf({ chain: { kind: 'Following', height: 100 } })
  const status = buildStatus(first)
  const then = new Date(NOW).toISOString()
  assert.deepEqual(status.chain, {
    state: 'Following',
    since: then,
    containerID: 'containerd://seid-1',
    height: 100,
    firstFollowedAt: then,
  })
  const node = { ...first.node, status }
  const higher = observationOf({ node, chain: { kind: 'Following', height: 200 }, now: NOW + 1_000 })
  assert.deepEqual(buildStatus(higher).chain, status.chain)
  const stuck = buildStatus(observationOf({ node, chain: STUCK, now: NOW + 2_000 })).chain
  const since = new Date(NOW + 2_000).toISOString()
  assert.deepEqual(stuck, { ...status.chain, state: 'Stuck', since, height: 900 })
})

test('the condition that earlier versions wrote is removed, and those of others stay', () => {
  const { node } = observationOf()
  const stored = ['Progressing', 'example.com/Audited'].map(type => ({
    type,
    status: 'True' as const,
    reason: 'Because',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }))
  const before = { ...node, status: { ...node.status, conditions: stored } }
  const types = buildStatus(observationOf({ node: before })).conditions?.map(({ type }) => type) ?? []
  assert.ok(types.includes('example.com/Audited'))
  assert.ok(!types.includes('Progressing'))
})

test('status.chain stays while nobody knows how the chain is', () => {
  const node = { ...observationOf().node, status: buildStatus(observationOf()) }
  assert.deepEqual(buildStatus(observationOf({ node, chain: undefined })).chain, node.status.chain)
})

test('a node that was never observed to follow its chain has yet to be caught up', () => {
  const catchingUp: ChainHealth = { kind: 'CatchingUp', height: 900 }
  assert.equal(buildStatus(observationOf({ chain: catchingUp })).initPlan?.caughtUpAt, undefined)
  assert.equal(buildStatus(observationOf({ chain: undefined })).initPlan?.caughtUpAt, undefined)
  assert.equal(buildStatus(observationOf()).initPlan?.caughtUpAt, new Date(NOW).toISOString())
})

test('a node that followed its chain and stands still has one warning event, and one event when it is back', () => {
  const steps: readonly ChainHealth[] = [
    { kind: 'CatchingUp', height: 1 },
    STUCK,
    { kind: 'Following', height: 900 },
    STUCK,
    { kind: 'Stuck', height: 900, headHeight: 2000, since: NOW, isValidator: false },
    { kind: 'CatchingUp', height: 1900 },
    { kind: 'Following', height: 2000 },
  ]
  const { node } = observationOf()
  const reasons = steps.map(chain => {
    const status = buildStatus(observationOf({ node, chain }))
    const events = transitionEvents(node.status, status, 'none')
    node.status = status
    return events.map(({ reason }) => reason)
  })
  assert.deepEqual(reasons.slice(1), [[], ['Following'], ['Stuck'], [], [], ['Following']])
})

test('a seid that does not run has no state of its chain', () => {
  const first = observationOf()
  const node = { ...first.node, status: buildStatus(first) }
  const down = buildStatus(observationOf({ node, pod: idle, chain: undefined, now: NOW + 1_000 })).chain
  assert.equal(down?.state, 'Unknown')
  const later = observationOf({
    node: { ...node, status: { chain: down } },
    pod: idle,
    chain: undefined,
    now: NOW + 9_000,
  })
  assert.deepEqual(buildStatus(later).chain, down)
})

test('where the node was halted is kept while the height of its volume cannot be read, and goes when it is below', () => {
  const stored = { height: 100, targetHeight: 100 }
  const first = observationOf()
  const node = { ...first.node, status: { ...first.node.status, halt: stored } }
  assert.deepEqual(buildStatus(observationOf({ node, halt: { kind: 'unreadable' } })).halt, stored)
  assert.equal(buildStatus(observationOf({ node, halt: { kind: 'pending' } })).halt, undefined)
})
