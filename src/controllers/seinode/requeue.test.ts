/** When a reconcile is repeated although nothing changed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskPlan } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { effectiveUpgrade } from '../../plan/upgrades.ts'
import { noChain } from '../shared/chain/testdata/no-chain.ts'
import type { Requeue } from '../shared/requeue.ts'
import { nextRequeue, requeueToMark } from './requeue.ts'
import { STUCK_MS } from './observe/pod-revision.ts'
import { NOW, planOf, podOf } from './testdata/objects.ts'
import { observationOf, TASKS } from './testdata/observation.ts'

const { children } = observationOf()
const retry = { backoffMaxMs: 30_000 }

function unschedulable(forMs: number): ReturnType<typeof podOf> {
  const pod = podOf()
  const lastTransitionTime = new Date(NOW - forMs).toISOString()
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', lastTransitionTime }
  return { ...pod, status: { ...pod.status, conditions: [condition] } }
}

const standsAtUpgrade = observationOf({
  upgrades: {
    record: undefined,
    effective: effectiveUpgrade({ image: 'sei:v4' }, undefined),
    need: { kind: 'misplaced', name: 'v5', height: 1000, isNamed: true },
    isAwaiting: false,
    isUrgent: false,
    outlook: noChain.outlook(seiNode('a')),
  },
})

const rows: readonly (readonly [
  title: string,
  observation: ReturnType<typeof observationOf>,
  expected: Requeue | undefined,
])[] = [
  ['nothing has to be looked at again', observationOf(), undefined],
  [
    'a spec that cannot be carried out is tried again',
    observationOf({ spec: { reason: 'DataVolumeNotFound', message: '', blocks: true }, children: {} }),
    retry,
  ],
  [
    'a child that stands in the way is looked at again',
    observationOf({ children: { ...children, problem: { reason: 'ForeignObject', message: '' } } }),
    retry,
  ],
  ['nothing is due before there is a StatefulSet', observationOf({ pod: undefined, children: {} }), undefined],
  [
    'an entry that the chain has not reached is tried when it has, which no event tells',
    standsAtUpgrade,
    { requeueAfterMs: 30_000 },
  ],
  [
    'a pod that is missing is overdue after ten seconds',
    observationOf({ pod: undefined, podMissingSince: NOW - 4_000 }),
    { requeueAfterMs: 6_000 },
  ],
  [
    'of a pod that is overdue already, the events are read again after a minute',
    observationOf({ pod: undefined, podMissingSince: NOW - 10_000 }),
    { requeueAfterMs: 60_000 },
  ],
  [
    'a pod with an interrupted download is looked at when it may be deleted',
    observationOf({ rollout: { kind: 'interrupted', dueAt: NOW + 5_000 } }),
    { requeueAfterMs: 5_000 },
  ],
  [
    'a pod that fits nowhere is a problem after ten seconds',
    observationOf({ pod: unschedulable(3_000) }),
    { requeueAfterMs: 7_000 },
  ],
  [
    'a pod that fits nowhere is Stalled five minutes later',
    observationOf({ pod: unschedulable(10_000) }),
    { requeueAfterMs: 290_000 },
  ],
  ['a pod that is Stalled is told by a watch', observationOf({ pod: unschedulable(300_000) }), undefined],
]

for (const [title, observation, expected] of rows) {
  test(title, () => {
    assert.deepEqual(nextRequeue(observation, NOW), expected)
  })
}

test('failure mode 44: what comes due while the sidecar is asked is looked at, not forgotten', () => {
  const finishedAt = new Date(NOW - STUCK_MS).toISOString()
  const stopped = podOf({ ready: false, seid: { state: { terminated: { exitCode: 0, finishedAt } } } })
  const observation = observationOf({ pod: stopped, now: NOW + 50 })
  assert.deepEqual(nextRequeue(observation, NOW - 10), { requeueAfterMs: 10 })
})

test('a claim that waits for a volume is judged when a driver would have made one', () => {
  const metadata = { name: 'data-a', creationTimestamp: new Date(NOW - 10_000).toISOString() }
  const pending = observationOf({ children: { dataVolume: { metadata, status: { phase: 'Pending' } } } })
  assert.deepEqual(nextRequeue(pending, NOW), { requeueAfterMs: 20_000 })
  assert.equal(nextRequeue(pending, NOW + 20_000), undefined)
})

test('a claim is marked once, when the node has caught up, or a minute after the bootstrap', () => {
  const completedAt = new Date(NOW - 10_000).toISOString()
  const complete: TaskPlan = {
    ...planOf(TASKS, TASKS.length),
    tasks: TASKS.map(type => ({ type, status: 'Complete', completedAt })),
  }
  const caughtUp = { ...complete, caughtUpAt: new Date(NOW).toISOString() }
  const [active, done, ready] = [withPlan(planOf(TASKS)), withPlan(complete), withPlan(caughtUp)]
  assert.equal(requeueToMark(active, active, NOW), undefined)
  assert.deepEqual(requeueToMark(active, done, NOW), { requeueAfterMs: 50_000 })
  assert.deepEqual(requeueToMark(done, done, NOW + 49_999), { requeueAfterMs: 1 })
  assert.equal(requeueToMark(done, done, NOW + 50_000), undefined)
  assert.deepEqual(requeueToMark(done, ready, NOW), { requeueAfterMs: 0 })
  assert.equal(requeueToMark(ready, ready, NOW), undefined)
})

function withPlan(initPlan: TaskPlan): SeiNode {
  return { ...seiNode('a'), status: { initPlan } }
}
