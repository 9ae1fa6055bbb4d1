/** Tests of volume-binding.ts: what a claim needs next. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { claimStep } from './volume-binding.ts'

const IMMEDIATE: StorageClass = { metadata: { name: 'gp3' }, provisioner: 'sei.io/fake', reclaimPolicy: 'Retain' }
const LATE: StorageClass = { ...IMMEDIATE, volumeBindingMode: 'WaitForFirstConsumer' }

function claim(changes: PersistentVolumeClaim = {}): PersistentVolumeClaim {
  return {
    metadata: { namespace: 'sei', name: 'data-a', uid: 'c-1', ...changes.metadata },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '10Gi' } },
      storageClassName: 'gp3',
      ...changes.spec,
    },
    status: { phase: 'Pending', ...changes.status },
  }
}

const boundStatus = { phase: 'Bound', capacity: { storage: '10Gi' } }

const TABLE: [string, PersistentVolumeClaim, StorageClass | undefined, string][] = [
  ['a claim of a class of ours is bound', claim(), IMMEDIATE, 'bind'],
  ['a claim of a class that does not exist waits', claim(), undefined, 'none'],
  ["a claim of another provisioner's class is not ours", claim(), { ...IMMEDIATE, provisioner: 'other' }, 'none'],
  ['a claim that waits for its first consumer waits', claim(), LATE, 'none'],
  [
    'it is bound when the scheduler has chosen a Node',
    claim({ metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'n' } } }),
    LATE,
    'bind',
  ],
  ['a claim that is going is left alone', claim({ metadata: { deletionTimestamp: 'now' } }), IMMEDIATE, 'none'],
  ['a claim for a certain volume is left alone', claim({ spec: { volumeName: 'mine' } }), IMMEDIATE, 'none'],
  ['a claim half bound is bound', claim({ spec: { volumeName: 'pvc-c-1' } }), IMMEDIATE, 'bind'],
  ['a claim whose volume was lost gets no other', claim({ status: { phase: 'Lost' } }), IMMEDIATE, 'none'],
  ['a bound claim needs nothing', claim({ status: boundStatus }), IMMEDIATE, 'none'],
  [
    'a bound claim that asks for more is expanded, whatever became of its class',
    claim({ status: { ...boundStatus, capacity: { storage: '5Gi' } } }),
    undefined,
    'expand',
  ],
  [
    'a bound claim of which the driver gave more than was asked for needs nothing',
    claim({ status: { ...boundStatus, capacity: { storage: '11Gi' } } }),
    IMMEDIATE,
    'none',
  ],
  [
    'a growth beyond what the disks can be is told as an error',
    claim({ status: { ...boundStatus, capacity: { storage: '5Gi' } } }),
    { ...IMMEDIATE, parameters: { 'maximum-size': '9Gi' } },
    'tell',
  ],
  [
    'that it is told is enough',
    claim({
      status: {
        ...boundStatus,
        capacity: { storage: '5Gi' },
        allocatedResources: { storage: '10Gi' },
        allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
      },
    }),
    { ...IMMEDIATE, parameters: { 'maximum-size': '9Gi' } },
    'none',
  ],
  [
    'a file system that grows with the next mount waits for it',
    claim({ status: { ...boundStatus, capacity: { storage: '5Gi' } } }),
    { ...IMMEDIATE, parameters: { 'file-system-growth': 'on-mount' } },
    'tell',
  ],
]

for (const [title, object, storageClass, expected] of TABLE) {
  test(title, () => assert.equal(claimStep(object, storageClass).kind, expected))
}

test('a volume is named after its claim, refers to it by UID and keeps the policy of its class', () => {
  const step = claimStep(claim(), IMMEDIATE)
  assert.ok(step.kind === 'bind')
  assert.equal(step.volume.metadata?.name, 'pvc-c-1')
  assert.equal(step.volume.spec?.claimRef?.uid, 'c-1')
  assert.equal(step.volume.spec?.persistentVolumeReclaimPolicy, 'Retain')
  assert.deepEqual(step.volume.spec?.capacity, { storage: '10Gi' })
})
