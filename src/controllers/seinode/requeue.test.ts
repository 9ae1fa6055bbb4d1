/** When a round is repeated although nothing changed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskPlan } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import type { Again } from '../shared/requeue.ts'
import { nextLook, whenToMark } from './requeue.ts'
import { STUCK_MS } from './observe/pod-revision.ts'
import { NOW, planOf, podOf } from './testdata/objects.ts'
import { roundOf, TASKS } from './testdata/observation.ts'

const { children } = roundOf()
const retry = { backoffMaxMs: 30_000 }

function unschedulable(forMs: number): ReturnType<typeof podOf> {
  const pod = podOf()
  const lastTransitionTime = new Date(NOW - forMs).toISOString()
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', lastTransitionTime }
  return { ...pod, status: { ...pod.status, conditions: [condition] } }
}

const rows: readonly (readonly [title: string, round: ReturnType<typeof roundOf>, expected: Again | undefined])[] = [
  ['nothing has to be looked at again', roundOf(), undefined],
  [
    'a spec that cannot be carried out is tried again',
    roundOf({ spec: { reason: 'DataVolumeNotFound', message: '', blocks: true }, children: {} }),
    retry,
  ],
  [
    'a child that stands in the way is looked at again',
    roundOf({ children: { ...children, problem: { reason: 'ForeignObject', message: '' } } }),
    retry,
  ],
  ['nothing is due before there is a StatefulSet', roundOf({ pod: undefined, children: {} }), undefined],
  [
    'a pod that is missing is overdue after ten seconds',
    roundOf({ pod: undefined, podMissingSince: NOW - 4_000 }),
    { requeueAfterMs: 6_000 },
  ],
  [
    'a pod that is overdue already is told by a watch',
    roundOf({ pod: undefined, podMissingSince: NOW - 10_000 }),
    undefined,
  ],
  [
    'a pod with an interrupted download is looked at when it may be deleted',
    roundOf({ rollout: { kind: 'interrupted', dueAt: NOW + 5_000 } }),
    { requeueAfterMs: 5_000 },
  ],
  [
    'a pod that fits nowhere is a problem after ten seconds',
    roundOf({ pod: unschedulable(3_000) }),
    { requeueAfterMs: 7_000 },
  ],
  ['a pod that is known to fit nowhere is told by a watch', roundOf({ pod: unschedulable(10_000) }), undefined],
]

for (const [title, round, expected] of rows) {
  test(title, () => {
    assert.deepEqual(nextLook(round, NOW), expected)
  })
}

test('failure mode 44: what comes due while the sidecar is asked is looked at, not forgotten', () => {
  const finishedAt = new Date(NOW - STUCK_MS).toISOString()
  const stopped = podOf({ ready: false, seid: { state: { terminated: { exitCode: 0, finishedAt } } } })
  const round = roundOf({ pod: stopped, now: NOW + 50 })
  assert.deepEqual(nextLook(round, NOW - 10), { requeueAfterMs: 10 })
})

test('a claim that waits for a volume is judged when a driver would have made one', () => {
  const metadata = { name: 'data-a', creationTimestamp: new Date(NOW - 10_000).toISOString() }
  const pending = roundOf({ children: { dataVolume: { metadata, status: { phase: 'Pending' } } } })
  assert.deepEqual(nextLook(pending, NOW), { requeueAfterMs: 20_000 })
  assert.equal(nextLook(pending, NOW + 20_000), undefined)
})

test('a claim is marked once, when the node has caught up, or a minute after the bootstrap', () => {
  const completedAt = new Date(NOW - 10_000).toISOString()
  const complete: TaskPlan = {
    ...planOf(TASKS, TASKS.length),
    tasks: TASKS.map(type => ({ type, status: 'Complete', completedAt })),
  }
  const caughtUp = { ...complete, caughtUpAt: new Date(NOW).toISOString() }
  const [active, done, ready] = [withPlan(planOf(TASKS)), withPlan(complete), withPlan(caughtUp)]
  assert.equal(whenToMark(active, active, NOW), undefined)
  assert.deepEqual(whenToMark(active, done, NOW), { requeueAfterMs: 50_000 })
  assert.deepEqual(whenToMark(done, done, NOW + 49_999), { requeueAfterMs: 1 })
  assert.equal(whenToMark(done, done, NOW + 50_000), undefined)
  assert.deepEqual(whenToMark(done, ready, NOW), { requeueAfterMs: 0 })
  assert.equal(whenToMark(ready, ready, NOW), undefined)
})

function withPlan(initPlan: TaskPlan): SeiNode {
  return { ...seiNode('a'), status: { initPlan } }
}
