/** What is said of the claim that a node lives on, and that no pod is started on one that goes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import type { NODE_REASONS } from '../../../api/conditions.ts'
import { nodeConditions } from './node-conditions.ts'
import { evaluateVolume, PROVISION_MS, restartBlock } from './volume-healthy.ts'
import type { Observation } from '../observation.ts'
import { NOW, planOf, podOf, statefulSetOf } from '../testdata/objects.ts'
import { observationOf, TASKS } from '../testdata/observation.ts'

const OTHER = { apiVersion: 'velero.io/v1', kind: 'Restore', name: 'nightly', uid: 'other', controller: true }

function withClaim({ metadata, ...rest }: PersistentVolumeClaim, more: Partial<Observation> = {}): Observation {
  const dataVolume: PersistentVolumeClaim = {
    metadata: { name: 'data-a', uid: 'volume-1', labels: { 'sei.io/node': 'a' }, ...metadata },
    spec: { volumeName: 'pv-1' },
    status: { phase: 'Bound' },
    ...rest,
  }
  const { children, ...other } = more
  return observationOf({ children: { dataVolume, statefulSet: statefulSetOf(), ...children }, ...other })
}

const GOING = { metadata: { deletionTimestamp: '2026-05-01T12:00:00Z' } }

const PENDING = { status: { phase: 'Pending' }, metadata: { creationTimestamp: new Date(NOW).toISOString() } }

/** No container of the node has been started. */
const BEGUN: Partial<Observation> = { sidecar: { kind: 'absent' }, plan: planOf(TASKS), pod: undefined }

const rows: readonly (readonly [
  title: string,
  observation: Observation,
  reason: keyof typeof NODE_REASONS.VolumeHealthy,
  RegExp,
])[] = [
  ['it is bound', withClaim({}), 'Healthy', /PersistentVolumeClaim data-a is bound/],
  [
    'it is being deleted',
    withClaim(GOING),
    'VolumeLeaving',
    /data-a is being deleted.*when pod a-0 stops.*kubectl patch pv pv-1 --patch '\{"spec":\{"persistentVolumeReclaimPolicy":"Retain"\}\}'/,
  ],
  [
    'that of a validator is being deleted',
    withClaim(GOING, { node: seiNode('a', { mode: 'validator' }) }),
    'VolumeLeaving',
    /save data\/priv_validator_state\.json and the key/,
  ],
  [
    'it is about to be collected with an earlier node',
    withClaim({ metadata: { ownerReferences: [{ ...OTHER, kind: 'SeiNode', name: 'a' }] } }),
    'VolumeLeaving',
    /set the reclaim policy of PersistentVolume pv-1/,
  ],
  [
    'another controller owns it',
    withClaim({ metadata: { ownerReferences: [OTHER] } }),
    'VolumeForeign',
    /belongs to Restore nightly.*keeps using the claim.*does not change it/,
  ],
  [
    'another owns one that others prepared, which is nothing to tell',
    withClaim(
      { metadata: { ownerReferences: [OTHER] } },
      { node: seiNode('a', { genesis: { pvc: { dataPVC: 'data-a' } } }) },
    ),
    'Healthy',
    /is bound/,
  ],
  ['its volume is gone', withClaim({ status: { phase: 'Lost' } }), 'VolumeLost', /Lost: its PersistentVolume pv-1/],
  [
    'no volume was provisioned',
    withClaim({ status: { phase: 'Pending' }, metadata: { creationTimestamp: '2026-05-01T11:00:00Z' } }),
    'VolumePending',
    /is Pending since 2026-05-01T11:00:00Z.*kubectl describe pvc -n sei data-a/,
  ],
  ['no pod has mounted the new one yet', withClaim({}, BEGUN), 'NotMounted', /data-a is mounted when the pod starts/],
  ['it has just been made', withClaim(PENDING, BEGUN), 'NotMounted', /data-a is mounted when the pod starts/],
  [
    'no volume was provisioned for a while',
    withClaim(PENDING, { ...BEGUN, now: NOW + PROVISION_MS }),
    'VolumePending',
    /is Pending since/,
  ],
  [
    'it has just been made, of a StorageClass that does not exist',
    withClaim(PENDING, { ...BEGUN, spec: { reason: 'StorageClassNotFound', message: '', blocks: false } }),
    'VolumePending',
    /is Pending since/,
  ],
  [
    'its attributes cannot be changed',
    withClaim({
      status: {
        phase: 'Bound',
        conditions: [{ type: 'ModifyVolumeError', status: 'True', message: 'too many modifications' }],
      },
    }),
    'ModifyFailed',
    /too many modifications/,
  ],
  ['there is none', observationOf({ children: {} }), 'NoVolume', /see the conditions Reconciling and Stalled/],
  [
    'there is none, as far as a paused node knows',
    observationOf({ children: {}, node: seiNode('a', { paused: true }) }),
    'NotChecked',
    /paused/,
  ],
]

for (const [title, observation, reason, message] of rows) {
  test(`VolumeHealthy ${reason}: ${title}`, () => {
    const found = evaluateVolume(observation)
    assert.equal(found.reason, reason)
    assert.match(found.message, message)
  })
}

test('a paused node is warned of a claim that is being deleted', () => {
  const conditions = nodeConditions(withClaim(GOING, { node: seiNode('a', { paused: true }) }))
  assert.equal(conditions.find(({ type }) => type === 'VolumeHealthy')?.reason, 'VolumeLeaving')
})

const blocked = { change: { kind: 'kept' } } as const

test('a pod is not replaced on a claim that is being deleted, or Lost, and is on any other', () => {
  for (const claim of [GOING, { status: { phase: 'Lost' } }]) {
    assert.match(
      restartBlock(withClaim(claim, blocked)) ?? '',
      /the pod is not replaced.*volume would be lost: Persistent/,
    )
    assert.match(restartBlock(withClaim(claim, { rollout: { kind: 'rolling' } })) ?? '', /is not replaced/)
    assert.equal(restartBlock(withClaim(claim)), undefined)
    assert.equal(restartBlock(withClaim(claim, { ...blocked, pod: undefined })), undefined)
  }
  assert.equal(restartBlock(withClaim({ metadata: { ownerReferences: [OTHER] } }, blocked)), undefined)
  assert.equal(restartBlock(withClaim({}, blocked)), undefined)
})

function blockedReasons(more: Partial<Observation>): readonly (string | undefined)[] {
  const conditions = nodeConditions(withClaim(GOING, { ...blocked, ...more }))
  return ['Ready', 'Reconciling'].map(type => conditions.find(each => each.type === type)?.reason)
}

test('a blocked restart is reported by Reconciling and Ready, whatever else is wrong with the pod', () => {
  assert.deepEqual(blockedReasons({}), ['NewGeneration', 'RestartHeld'])
  const crashing = podOf({
    ready: false,
    seid: { state: { waiting: { reason: 'CrashLoopBackOff' } }, restartCount: 5 },
  })
  assert.deepEqual(blockedReasons({ pod: crashing, rollout: { kind: 'rolling' } }), ['PodNotReady', 'RestartHeld'])
})
