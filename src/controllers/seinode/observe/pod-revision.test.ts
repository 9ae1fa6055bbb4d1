/** When a pod is current, on its way out, or stuck for good. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNode } from '../../../api/seinode.ts'
import { buildStatefulSet } from '../../../build/statefulset.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { platform } from '../../../build/testdata/platform.ts'
import { differences } from '../../../lib/subset.ts'
import { VerifiedChildren } from '../../shared/children/verified-children.ts'
import { buildInput } from '../owner.ts'
import { rolloutState, type TemplateInputs, templateState } from './pod-revision.ts'
import { NOW, podOf, seen, statefulSetOf } from '../testdata/objects.ts'

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

const state: TemplateInputs = { pod: {}, isVolumeKept: false, hasStrayUpload: false }
const node = seiNode('a', { image: 'seid:v1' })

function stateOf(of: SeiNode, live: StatefulSet, verified = new VerifiedChildren(), inputs = state) {
  const { isChanged, isPodSpecChanged } = templateState(of, inputs, live, verified, { platform })
  return { isChanged, isPodSpecChanged }
}

/** As it was applied, with the image that admission gave it. */
function rewritten(isPinned: boolean): StatefulSet {
  const live = structuredClone(buildStatefulSet(buildInput(node), platform, { ...state, isPinned }))
  for (const container of live.spec?.template.spec?.containers ?? []) container.image = 'mirror/seid:v1'
  return live
}

for (const isPinned of [true, false]) {
  test(`a template that admission rewrote is unchanged for a new process, while its pod is ${isPinned ? 'pinned' : 'let go'}`, () => {
    assert.deepEqual(stateOf(node, rewritten(isPinned)), { isChanged: false, isPodSpecChanged: false })
  })
}

test('another image is a change of it', () => {
  const other = seiNode('a', { image: 'seid:v2' })
  assert.deepEqual(stateOf(other, rewritten(true)), { isChanged: true, isPodSpecChanged: true })
})

test('the mark of another configuration changes the template, and not what the pod is made of', () => {
  const live = rewritten(true)
  const verified = new VerifiedChildren()
  const desired = buildStatefulSet(buildInput(node), platform, { ...state, live })
  verified.noteAnswer('StatefulSet', 'a', differences(desired, live))
  const inputs = { ...state, pod: { configRevision: 'other' } }
  assert.deepEqual(stateOf(node, live, verified, inputs), { isChanged: true, isPodSpecChanged: false })
  const other = seiNode('a', { image: 'seid:v2' })
  assert.deepEqual(stateOf(other, live, verified, inputs), { isChanged: true, isPodSpecChanged: true })
})

test('a field that the template no longer has is a change, unless an earlier operator applied it without its hash', () => {
  const env = [{ name: 'GOGC', value: '50' }]
  const live = buildStatefulSet(buildInput({ ...node, spec: { ...node.spec, env } }), platform, state)
  assert.deepEqual(stateOf(node, live), { isChanged: true, isPodSpecChanged: true })
  const { 'sei.io/template-hash': hash, ...annotations } = live.metadata?.annotations ?? {}
  assert.ok(hash)
  const earlier = { ...live, metadata: { ...live.metadata, annotations } }
  assert.deepEqual(stateOf(node, earlier), { isChanged: false, isPodSpecChanged: false })
})
