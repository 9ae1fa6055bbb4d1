/** When a round is repeated although nothing changed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Again } from '../shared/again.ts'
import { nextLook } from './next-look.ts'
import { STUCK_MS } from './rollout.ts'
import { NOW, podOf } from './testdata/objects.ts'
import { roundOf } from './testdata/round.ts'

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
