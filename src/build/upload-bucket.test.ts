/** A sidecar that may upload gets no bucket that the spec does not name; the pods of others do not change. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { SeiNode } from '../api/seinode.ts'
import { bucket } from '../api/scalars.ts'
import { buildStatefulSet, type StatefulSetState } from './statefulset.ts'
import { seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

const destination = { s3: { bucket: 'uploads', region: 'eu-west-3' } }
const PLAIN = seiNode('n')
const GENERATING = seiNode('n', { snapshotGeneration: { keepRecent: 2 } })
const UPLOADING = seiNode('n', { snapshotGeneration: { keepRecent: 2, destination } })
const RESTORED = seiNode('n', {
  snapshot: { s3: { uri: 's3://files/x', region: 'eu-west-2' } },
  peers: [{ static: { addresses: ['0123456789abcdef0123456789abcdef01234567@peer.example:26656'] } }],
})
const NONE = '!none-in-spec'

function bucketOf(set: StatefulSet): string | undefined {
  const sidecar = set.spec?.template.spec?.initContainers?.find(({ name }) => name === 'sei-sidecar')
  return sidecar?.env?.find(({ name }) => name === 'SEI_SNAPSHOT_BUCKET')?.value
}

function build(node: SeiNode, state: StatefulSetState = {}): StatefulSet {
  return buildStatefulSet(node, platform, state)
}

test('the invalid bucket name is not allowed in a spec', () => {
  assert.equal(bucket.safeParse(NONE).success, false)
})

for (const [title, after] of [
  ['the destination', GENERATING],
  ['all of snapshotGeneration', PLAIN],
] as const) {
  test(`where ${title} is taken away, the sidecar is left without a bucket, and stays so`, () => {
    const without = build(after, { live: build(UPLOADING) })
    assert.equal(bucketOf(without), NONE)
    assert.equal(bucketOf(build(after, { live: without })), NONE)
    assert.equal(bucketOf(build(UPLOADING, { live: without })), 'uploads')
  })
}

test('a pod that never had a bucket of its own stays as it is', () => {
  for (const node of [PLAIN, GENERATING]) {
    const live = build(node)
    assert.equal(bucketOf(live), 'pacific-1-snapshots')
    assert.deepEqual(build(node, { live }), live)
  }
})

test('a snapshot that is removed from the spec does not change the bucket name', () => {
  const live = build(PLAIN)
  assert.deepEqual(build(PLAIN, { live: build(RESTORED, { live }) }), live)
})

test('on a volume that was kept from an earlier node the sidecar is given no bucket from the start', () => {
  assert.equal(bucketOf(build(PLAIN, { isVolumeKept: true })), NONE)
  assert.equal(bucketOf(build(UPLOADING, { isVolumeKept: true })), 'uploads')
  assert.equal(bucketOf(build(RESTORED, { isVolumeKept: true })), 'files')
})

test('an upload that only a restart ends restarts the pod, once', () => {
  const after = build(PLAIN, { live: build(PLAIN), hasStrayUpload: true })
  assert.equal(bucketOf(after), NONE)
  assert.deepEqual(build(PLAIN, { live: after }), after)
})
