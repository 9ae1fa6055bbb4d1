/** Whether a pod template is to change, where admission made another of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { buildStatefulSet } from '../../build/statefulset.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { platform } from '../../build/testdata/platform.ts'
import { differences } from '../../lib/subset.ts'
import { VerifiedChildren } from '../shared/verified-children.ts'
import { buildInput } from './build-input.ts'
import { type TemplateInputs, templateState } from './template-state.ts'

const state: TemplateInputs = { pod: {}, isVolumeKept: false, hasStrayUpload: false }
const node = seiNode('a', { image: 'seid:v1' })

function stateOf(of: SeiNode, live: StatefulSet, verified = new VerifiedChildren(), inputs = state) {
  const { isChanged, isPodSpecChanged } = templateState(of, inputs, live, verified, { platform })
  return { isChanged, isPodSpecChanged }
}

/** As it was applied, with the image that admission gave it. */
function rewritten(isHeld: boolean): StatefulSet {
  const live = structuredClone(buildStatefulSet(buildInput(node), platform, { ...state, isHeld }))
  for (const container of live.spec?.template.spec?.containers ?? []) container.image = 'mirror/seid:v1'
  return live
}

for (const isHeld of [true, false]) {
  test(`a template that admission rewrote is unchanged for a new process, while its pod is ${isHeld ? 'held' : 'let go'}`, () => {
    assert.deepEqual(stateOf(node, rewritten(isHeld)), { isChanged: false, isPodSpecChanged: false })
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
  const inputs = { ...state, pod: { configHash: 'other' } }
  assert.deepEqual(stateOf(node, live, verified, inputs), { isChanged: true, isPodSpecChanged: false })
  const other = seiNode('a', { image: 'seid:v2' })
  assert.deepEqual(stateOf(other, live, verified, inputs), { isChanged: true, isPodSpecChanged: true })
})
