/** What the condition VolumeSpace says of each finding, and that a new process writes nothing while nothing changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import type { VolumeSpace } from '../../../volumes/space.ts'
import type { UnknownUse, VolumeFinding } from '../../shared/volumes/observer.ts'
import { recordedSpace } from '../../shared/volumes/record.ts'
import { transitionEvents } from '../events.ts'
import type { Observation } from '../observation.ts'
import { buildStatus } from '../status.ts'
import { observationOf } from '../testdata/observation.ts'
import { evaluateVolumeSpace, volumeRecord } from './volume-space.ts'

const GIB = 1024 ** 3
const FULL_AT = Date.parse('2026-12-03T15:00:00Z')

function known(changes: Partial<VolumeSpace> = {}, isRecorded = false): VolumeFinding {
  const amount = { used: 910 * GIB, total: 1000 * GIB }
  const space = { kind: 'Filling', measure: 'bytes', amount, fullAt: FULL_AT, ...changes } as const
  return { kind: 'known', space, announced: { kind: space.kind, step: 90, fullAt: space.fullAt }, isRecorded }
}

function unknownUse(kind: UnknownUse['kind'], detail = ''): VolumeFinding {
  return { kind: 'unknown', why: { kind, host: '10.0.0.9', detail } }
}

function withStatus(status: SeiNodeStatus | undefined, changes: Partial<SeiNode> = {}): SeiNode {
  return { ...seiNode('a', {}, { generation: 3 }), ...changes, ...(status && { status }) }
}

const ENOUGH = { kind: 'Enough', amount: { used: 4.5 * GIB, total: 10 * GIB }, fullAt: undefined } as const
const owner = { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNodePool', name: 'devnet', uid: 'p', controller: true }

const CASES: readonly (readonly [name: string, changes: Partial<Observation>, reason: string, message: RegExp])[] = [
  [
    'a filling volume, with the day and the field to raise',
    { volumeUse: known() },
    'Filling',
    /^PersistentVolumeClaim data-a is 91 % full \(910 of 1000 GiB\); at today's pace it is full on 2026-12-03\. Raise spec\.storage\.size$/,
  ],
  [
    'one of a pool, whose size is in its spec',
    { volumeUse: known(), node: seiNode('a', {}, { ownerReferences: [owner] }) },
    'Filling',
    /Raise spec\.storage\.size of SeiNodePool devnet$/,
  ],
  [
    'one that others made',
    { volumeUse: known(), node: seiNode('a', { genesis: { pvc: { dataPVC: 'mine' } } }) },
    'Filling',
    /PersistentVolumeClaim mine is 91 % .* Raise spec\.resources\.requests\.storage of PersistentVolumeClaim/,
  ],
  [
    'inodes that run out',
    { volumeUse: known({ measure: 'inodes', amount: { used: 95, total: 100 }, fullAt: undefined }) },
    'Filling',
    /data-a has 95 % of its inodes in use \(95 of 100\)\. Raise/,
  ],
  ['enough space', { volumeUse: known(ENOUGH) }, 'Enough', /data-a is 45 % full \(4\.5 of 10 GiB\)$/],
  ['nothing known yet', {}, 'NotObserved', /not known yet$/],
  ['a missing right', { volumeUse: unknownUse('forbidden', 'HTTP 403') }, 'NotObserved', /HTTP 403.*nodes\/stats/],
  ['a refused token', { volumeUse: unknownUse('unauthorized', 'HTTP 401') }, 'NotObserved', /HTTP 401.*webhook/],
  [
    'a certificate of its own',
    { volumeUse: unknownUse('unverified', 'self-signed certificate') },
    'NotObserved',
    /the certificate of the kubelet at 10\.0\.0\.9 .*self-signed.*--kubelet-insecure-tls$/,
  ],
  [
    'a kubelet out of reach',
    { volumeUse: unknownUse('unreachable', 'connect ECONNREFUSED') },
    'NotObserved',
    /ECONNREFUSED.*port 10250/,
  ],
  ['nonsense', { volumeUse: unknownUse('malformed', 'HTTP 500') }, 'NotObserved', /sends no statistics \(HTTP 500\)$/],
  ['a driver without statistics', { volumeUse: unknownUse('absent') }, 'NotObserved', /does not report it/],
  ['the flag', { volumeUse: unknownUse('off') }, 'NotObserved', /--volume-interval=0/],
]

for (const [name, changes, reason, message] of CASES) {
  test(`VolumeSpace says ${reason}: ${name}`, () => {
    const found = evaluateVolumeSpace(observationOf(changes))
    assert.equal(found.reason, reason)
    assert.match(found.message, message)
  })
}

/** The status after the first process saw the volume filling. */
const stored = buildStatus(observationOf({ volumeUse: known() }))

test('status has the use in a step and the day, and a filling volume has one warning event', () => {
  assert.deepEqual(stored.dataVolume, { claimName: 'data-a', uid: 'volume-1', use: '90%', fullOn: '2026-12-03' })
  const events = transitionEvents(undefined, stored, 'none').filter(({ reason }) => reason === 'Filling')
  assert.deepEqual(
    events.map(({ type, note }) => `${type} ${note}`),
    [`Warning ${evaluateVolumeSpace(observationOf({ volumeUse: known() })).message}`],
  )
  assert.deepEqual(transitionEvents(stored, stored, 'none'), [])
})

test('Ready does not depend on the space', () => {
  const ready = stored.conditions?.find(({ type }) => type === 'Ready')
  assert.equal(ready?.status, 'True')
})

test('a new process writes the same status until its finding differs, also of a paused node', () => {
  for (const paused of [false, true]) {
    const node = withStatus(stored)
    const of = (volumeUse: VolumeFinding | undefined): SeiNodeStatus =>
      buildStatus(observationOf({ node: { ...node, spec: { ...node.spec, paused } }, volumeUse }))
    const { conditions, dataVolume } = of(undefined)
    const space = conditions?.find(({ type }) => type === 'VolumeSpace')
    assert.deepEqual(
      space,
      stored.conditions?.find(({ type }) => type === 'VolumeSpace'),
    )
    assert.deepEqual(dataVolume, stored.dataVolume)
    // Other figures of the same step.
    assert.deepEqual(of(known({ amount: { used: 920 * GIB, total: 1000 * GIB } }, true)), of(undefined))
    assert.notDeepEqual(of(known({ amount: { used: 920 * GIB, total: 1000 * GIB } })), of(undefined))
  }
  assert.deepEqual(recordedSpace(withStatus(stored)), {
    kind: 'Filling',
    step: 90,
    fullAt: Date.parse('2026-12-03T12:00:00Z'),
  })
})

test('what is stored of another claim, or of a use that is no longer known, does not hold', () => {
  const node = withStatus(stored)
  const children = { dataVolume: { metadata: { name: 'data-a', uid: 'volume-2' } } }
  assert.equal(evaluateVolumeSpace(observationOf({ node, children })).reason, 'NotObserved')
  assert.deepEqual(volumeRecord(observationOf({ node, children })), {})
  assert.deepEqual(volumeRecord(observationOf({ node, volumeUse: unknownUse('off') })), {})
  const unobserved = withStatus(buildStatus(observationOf({ volumeUse: unknownUse('off') })))
  assert.equal(recordedSpace(unobserved), undefined)
  assert.match(evaluateVolumeSpace(observationOf({ node: unobserved, volumeUse: known({}, true) })).message, /91 %/)
})
