/** What of a verified object may change before it is compared anew. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../kube/types.ts'
import { rewrittenMessage, VerifiedChildren } from './verified-children.ts'

const LIVE: KubeObject & { status?: object } = {
  metadata: { name: 'a', uid: 'u', generation: 1, resourceVersion: '1', labels: { a: 'b' } },
}

const rows: readonly (readonly [title: string, now: typeof LIVE, isVerified: boolean])[] = [
  ['nothing', LIVE, true],
  ['its status', { metadata: { ...LIVE.metadata, resourceVersion: '2' }, status: { replicas: 1 } }, true],
  ['its spec', { metadata: { ...LIVE.metadata, generation: 2 } }, false],
  ['a label', { metadata: { ...LIVE.metadata, labels: {} } }, false],
  ['an annotation', { metadata: { ...LIVE.metadata, annotations: { a: 'b' } } }, false],
  ['all of it, under the same name', { metadata: { ...LIVE.metadata, uid: 'v' } }, false],
]

for (const [title, now, isVerified] of rows) {
  test(`an object of which ${title} changed is ${isVerified ? 'as it was verified' : 'compared anew'}`, () => {
    const verified = new VerifiedChildren()
    verified.note('StatefulSet', LIVE, { size: 1 })
    assert.equal(verified.has('StatefulSet', now, { size: 2 }), false)
    assert.equal(verified.has('StatefulSet', now, { size: 1 }), isVerified)
  })
}

test('of an object without a generation any change counts', () => {
  const verified = new VerifiedChildren()
  const claim: KubeObject = { metadata: { name: 'a', uid: 'u', resourceVersion: '1' } }
  verified.note('PersistentVolumeClaim', claim, {})
  assert.equal(verified.has('PersistentVolumeClaim', claim, {}), true)
  assert.equal(verified.has('PersistentVolumeClaim', { ...claim }, {}), false)
})

const image = { path: 'spec.image', wanted: 'a', found: 'mirror/a' }

test('a child is as its last apply left it while it differs in the same values', () => {
  const verified = new VerifiedChildren()
  assert.equal(verified.isAsAnswered('SeiNode', 'a', [image]), false)
  verified.noteAnswer('SeiNode', 'a', [image])
  assert.equal(verified.isAsAnswered('SeiNode', 'a', [{ ...image }]), true)
  assert.equal(verified.isAsAnswered('SeiNode', 'b', [image]), false)
  assert.equal(verified.isAsAnswered('Service', 'a', [image]), false)
  for (const other of [[], [image, image], [{ ...image, found: 'b' }], [{ ...image, wanted: 'b' }]]) {
    assert.equal(verified.isAsAnswered('SeiNode', 'a', other), false)
  }
})

test('the children that admission rewrote are listed in order, until an apply leaves no difference', () => {
  const verified = new VerifiedChildren()
  for (const name of ['net-10', 'net-2', 'net-1']) verified.noteAnswer('SeiNode', name, [image])
  verified.noteAnswer('SeiNode', 'net-1', [])
  assert.deepEqual(
    verified.rewritten.map(({ name }) => name),
    ['net-2', 'net-10'],
  )
})

test('nothing is said where nothing was rewritten', () => {
  assert.equal(rewrittenMessage([]), undefined)
})

test('each object is named with its first difference, what was wanted and what was found', () => {
  const message = rewrittenMessage([
    { kind: 'SeiNode', name: 'net-0', differences: [image] },
    { kind: 'Service', name: 'a', differences: [{ path: 'spec.ports', wanted: [1], found: undefined }, image] },
  ])
  assert.equal(
    message,
    'admission changes what the operator applies, and the cluster uses the result: SeiNode net-0 (spec.image: wanted "a", found "mirror/a"); Service a (spec.ports: wanted [1], found nothing, and 1 more). If that is not intended, correct the mutating admission policy or webhook, then restart the operator, which reapplies its objects',
  )
})

test('many objects and long values are cut short', () => {
  const many = Array.from({ length: 12 }, (_, index) => ({
    kind: 'SeiNode',
    name: `net-${index}`,
    differences: [{ ...image, found: 'x'.repeat(5000) }],
  }))
  const message = rewrittenMessage(many) ?? ''
  assert.match(message, /SeiNode net-9 .*; and 2 more objects\. If/)
  assert.ok(message.length < 4096)
})
