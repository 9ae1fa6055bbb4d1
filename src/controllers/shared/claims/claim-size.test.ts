/** What is said of a claim's size, from what its status says and never from its request alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim, PersistentVolumeClaimStatus } from 'kubernetes-types/core/v1.d.ts'
import { type SizeFacts, evaluateSize } from './claim-size.ts'

const AT = '2026-01-01T00:00:00Z'

function claim(requested: string, status: PersistentVolumeClaimStatus): PersistentVolumeClaim {
  return {
    metadata: { name: 'data-grow' },
    spec: { storageClassName: 'gp3', resources: { requests: { storage: requested } } },
    status: { phase: 'Bound', capacity: { storage: '1000Gi' }, ...status },
  }
}

function condition(type: string, message: string): PersistentVolumeClaimStatus {
  return { conditions: [{ type, status: 'True', message, lastTransitionTime: AT }] }
}

const TOO_LARGE: PersistentVolumeClaimStatus = {
  allocatedResources: { storage: '20000Gi' },
  allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
  ...condition('ControllerResizeError', 'volume of 20000GiB is too large for this type of disk'),
}
const REFUSED = 'spec.resources.requests.storage: Forbidden: field can not be less than previous value.'

interface Row {
  readonly title: string
  readonly facts: Partial<SizeFacts> & Pick<SizeFacts, 'claim'>
  readonly reason: string | undefined
  readonly says?: readonly RegExp[]
}

const rows: readonly Row[] = [
  { title: 'it has what was asked for', facts: { claim: claim('1000Gi', {}) }, reason: undefined },
  {
    title: 'it has more, since the driver rounded up',
    facts: { wanted: '999Gi', claim: claim('999Gi', {}) },
    reason: undefined,
  },
  {
    title: 'an error of a growth that is over',
    facts: { claim: claim('1000Gi', TOO_LARGE) },
    reason: undefined,
  },
  {
    title: 'the driver cannot grow it',
    facts: { wanted: '20000Gi', claim: claim('20000Gi', TOO_LARGE) },
    reason: 'ExpansionFailed',
    says: [
      /data-grow was asked for 20000Gi and has 1000Gi: ControllerResizeInfeasible: volume of 20000GiB is too large for this type of disk\. /,
      /Set spec\.storage\.size to a size above 1000Gi that the driver can give/,
    ],
  },
  {
    title: 'the driver cannot grow it to what somebody asked for by hand',
    facts: { claim: claim('20000Gi', TOO_LARGE) },
    reason: 'ExpansionFailed',
    says: [/asked for 20000Gi and has 1000Gi/],
  },
  {
    title: 'the kubelet cannot grow its file system',
    facts: {
      wanted: '2000Gi',
      claim: claim('2000Gi', {
        allocatedResourceStatuses: { storage: 'NodeResizeInfeasible' },
        ...condition('NodeResizeError', 'resize2fs: bad superblock'),
      }),
    },
    reason: 'ExpansionFailed',
    says: [/NodeResizeInfeasible: resize2fs: bad superblock/],
  },
  {
    title: 'a resizer that tells by its state alone',
    facts: { claim: claim('2000Gi', { allocatedResourceStatuses: { storage: 'ControllerResizeFailed' } }) },
    reason: 'ExpansionFailed',
    says: [/ControllerResizeFailed: its events have the driver's words/],
  },
  {
    title: 'an error of a resizer that sets no state',
    facts: { claim: claim('2000Gi', condition('ControllerResizeError', 'throttled.')) },
    reason: 'ExpansionFailed',
    says: [/has 1000Gi: throttled\. Set/],
  },
  {
    title: 'the error is of a request that was taken back',
    facts: { wanted: '2000Gi', claim: claim('2000Gi', TOO_LARGE) },
    reason: 'ExpansionPending',
    says: [/asked for 2000Gi and has 1000Gi: the driver has not started to resize to that size/],
  },
  {
    title: 'its file system waits',
    facts: { claim: claim('2000Gi', condition('FileSystemResizePending', 'a pod has to be restarted')) },
    reason: 'ExpansionPending',
    says: [/was asked for 2000Gi and has 1000Gi.*\(a pod has to be restarted\).*delete the pod at a convenient time/],
  },
  {
    title: 'the kubelet is at work',
    facts: { claim: claim('2000Gi', { allocatedResourceStatuses: { storage: 'NodeResizeInProgress' } }) },
    reason: 'ExpansionPending',
    says: [/the disk has grown/],
  },
  {
    title: 'the driver is at work',
    facts: { claim: claim('2000Gi', condition('Resizing', '')) },
    reason: 'ExpansionPending',
    says: [/the driver is growing the disk/],
  },
  {
    title: 'nobody has begun',
    facts: { claim: claim('2000Gi', {}) },
    reason: 'ExpansionPending',
    says: [/has not begun to grow the disk/],
  },
  {
    title: 'it is not bound yet',
    facts: { wanted: '2000Gi', claim: { ...claim('1000Gi', {}), status: { phase: 'Pending' } } },
    reason: 'ExpansionPending',
    says: [/asks for 1000Gi, and is resized when it is bound/],
  },
  {
    title: 'its class lets none grow',
    facts: { wanted: '2000Gi', canGrow: false, claim: claim('1000Gi', {}) },
    reason: 'ExpansionNotAllowed',
    says: [/stays at 1000Gi: StorageClass gp3/, /allowVolumeExpansion: true/],
  },
  {
    title: 'the spec wants less than it has',
    facts: { wanted: '500Gi', claim: claim('1000Gi', {}) },
    reason: 'DataVolumeTooSmall',
    says: [/has 1000Gi already, which cannot shrink: set at least 1000Gi/],
  },
  {
    title: 'the spec wants less than it has, and a growth failed',
    facts: { wanted: '500Gi', claim: claim('20000Gi', TOO_LARGE) },
    reason: 'DataVolumeTooSmall',
    says: [/set at least more than 1000Gi/],
  },
  {
    title: 'the spec wants what it has, and a growth failed',
    facts: { wanted: '1000Gi', claim: claim('20000Gi', TOO_LARGE) },
    reason: 'ResizeRefused',
    says: [
      /only to a size above the capacity\. Set spec\.storage\.size to more than 1000Gi/,
      /too large for this type/,
    ],
  },
  {
    title: 'the API server takes no request back',
    facts: { wanted: '2000Gi', refusal: REFUSED, claim: claim('20000Gi', TOO_LARGE) },
    reason: 'ResizeRefused',
    says: [/field can not be less than previous value\. Releases of Kubernetes below 1\.32/, /too large for this type/],
  },
  {
    title: 'a quota forbids the growth',
    facts: { wanted: '2000Gi', refusal: 'exceeded quota: disks', claim: claim('1000Gi', {}) },
    reason: 'ResizeRefused',
    says: [/which has 1000Gi, asks for it in place of 1000Gi: exceeded quota: disks\. Correct the cause/],
  },
]

for (const { title, facts, reason, says = [] } of rows) {
  test(`${reason ?? 'nothing is said'}: ${title}`, () => {
    const found = evaluateSize({ wanted: undefined, canGrow: true, refusal: undefined, ...facts })
    assert.equal(found?.reason, reason)
    for (const text of says) assert.match(found?.message ?? '', text)
  })
}
