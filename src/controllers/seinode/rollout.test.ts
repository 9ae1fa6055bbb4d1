/** When a pod is current, on its way out, or stuck for good. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { rolloutState } from './rollout.ts'
import { NOW, podOf, seen, statefulSetOf } from './testdata/objects.ts'

const old = { revision: 'old' }

const rows: readonly (readonly [title: string, set: StatefulSet, pod: Pod | undefined, kind: string])[] = [
  ['no pod', statefulSetOf(), undefined, 'creating'],
  ['a pod of the newest template', statefulSetOf(), podOf(), 'current'],
  ['one that is not ready yet', statefulSetOf(), podOf({ ready: false }), 'current'],
  ['a ready pod of an older template, which is about to be replaced', statefulSetOf(), podOf(old), 'rolling'],
  [
    'failure mode 20: an older pod that is not ready, which would never be replaced',
    statefulSetOf(),
    podOf({ ...old, ready: false }),
    'wedged',
  ],
  [
    'an older pod that is Ready while seid does not run',
    statefulSetOf(),
    podOf({ ...old, seid: { state: { waiting: {} } } }),
    'wedged',
  ],
  [
    'an older pod that is going already',
    statefulSetOf(),
    podOf({ ...old, ready: false, terminating: true }),
    'rolling',
  ],
  [
    'failure mode 41: a template that the controller of StatefulSets has not seen',
    statefulSetOf(seen('old', 1)),
    podOf({ ...old, ready: false }),
    'rolling',
  ],
  ['a StatefulSet without status', statefulSetOf({ replicas: 0 }), podOf({ ready: false }), 'rolling'],
  ['a StatefulSet of a later generation than was seen', statefulSetOf(seen('new', 1)), podOf(), 'rolling'],
]

for (const [title, set, pod, kind] of rows) {
  test(`${kind}: ${title}`, () => {
    assert.equal(rolloutState(set, pod, NOW).kind, kind)
  })
}

test('a pod that must not be replaced is not taken for one that is deleted', () => {
  const wedged = podOf({ ...old, ready: false })
  assert.equal(rolloutState(statefulSetOf(), wedged, NOW, false).kind, 'rolling')
  assert.equal(rolloutState(statefulSetOf(), podOf(), NOW, false).kind, 'current')
})
