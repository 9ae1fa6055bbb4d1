/** Which claims get a directory, and the volume for it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'

import { growsTo, LIMITED_CLASS, localVolume, wantsVolume } from './local-volumes.ts'

const CLASS = { metadata: { name: 'gp3' }, provisioner: 'sei.io/local' }
const CLAIM: PersistentVolumeClaim = {
  metadata: {
    namespace: 'chain',
    name: 'data-node',
    uid: 'u1',
    annotations: { 'volume.kubernetes.io/selected-node': 'sei-node-0' },
  },
  spec: { storageClassName: 'gp3', accessModes: ['ReadWriteMany'], resources: { requests: { storage: '5Gi' } } },
}

test('a claim gets a volume once a pod that wants it was placed', () => {
  assert.equal(wantsVolume(CLAIM, CLASS), true)
  assert.equal(wantsVolume({ ...CLAIM, metadata: { ...CLAIM.metadata, annotations: {} } }, CLASS), false)
})

test('claims of other classes, those that have a volume and those that go are not changed', () => {
  assert.equal(wantsVolume(CLAIM, { ...CLASS, provisioner: 'ebs.csi.aws.com' }), false)
  assert.equal(wantsVolume(CLAIM, undefined), false)
  assert.equal(wantsVolume({ ...CLAIM, spec: { ...CLAIM.spec, volumeName: 'pvc-u1' } }, CLASS), false)
  const deletionTimestamp = '2026-01-01T00:00:00Z'
  assert.equal(wantsVolume({ ...CLAIM, metadata: { ...CLAIM.metadata, deletionTimestamp } }, CLASS), false)
})

test('the volume is for that claim alone, on that node, as large and as shared as it asks', () => {
  const { metadata, spec } = localVolume(CLAIM, '/volumes/pvc-u1', 'sei-node-0')
  assert.equal(metadata?.name, 'pvc-u1')
  assert.deepEqual(spec?.claimRef, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: 'chain',
    name: 'data-node',
    uid: 'u1',
  })
  assert.deepEqual(
    [spec?.local?.path, spec?.capacity, spec?.accessModes],
    ['/volumes/pvc-u1', { storage: '5Gi' }, ['ReadWriteMany']],
  )
  const [term] = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []
  assert.deepEqual(term?.matchExpressions, [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['sei-node-0'] }])
})

test('a bound claim of the limited class grows to what it asks for', () => {
  const limited = { ...CLAIM.spec, storageClassName: LIMITED_CLASS }
  assert.equal(growsTo({ spec: limited, status: { phase: 'Bound', capacity: { storage: '1Gi' } } }), '5Gi')
  assert.equal(growsTo({ spec: limited, status: { phase: 'Bound', capacity: { storage: '5Gi' } } }), undefined)
  assert.equal(growsTo({ spec: limited }), undefined)
  assert.equal(growsTo({ ...CLAIM, status: { phase: 'Bound', capacity: { storage: '1Gi' } } }), undefined)
})
