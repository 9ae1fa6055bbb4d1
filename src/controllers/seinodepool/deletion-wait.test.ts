/** What a deletion waits for past its deadline, and which claims stay for it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { buildGenesisJob } from '../../build/pool/genesis-job.ts'
import { poolNames } from '../../build/pool/names.ts'
import { buildPoolNode } from '../../build/pool/node.ts'
import { buildPrepJob } from '../../build/pool/prep-job.ts'
import { platform } from '../../build/testdata/platform.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import { claimsInUse, isStalled, isStopping, stallMessage } from './deletion-wait.ts'

const pool = seiNodePool('net')
const [, second] = poolNames(pool).nodes
assert.ok(second)
const node = buildPoolNode(pool, second, undefined)
const prepJob = buildPrepJob(pool, second, platform, { genesisUID: 'g', dataUID: 'd' })
const genesisJob = buildGenesisJob(pool, platform, 'g')

const DELETED = '2026-05-01T12:00:00Z'
const LATE = Date.parse(DELETED) + 300_000

function deleted(job: Job, deletionTimestamp = DELETED): Job {
  return { ...job, metadata: { ...job.metadata, deletionTimestamp, finalizers: ['foregroundDeletion'] } }
}

test('an object is waited for until five minutes after its deletion, and one that is not deleted for ever', () => {
  assert.equal(isStalled(genesisJob, LATE), false)
  assert.equal(isStalled(deleted(genesisJob), LATE - 1), false)
  assert.equal(isStalled(deleted(genesisJob), LATE), true)
})

test('the claims that stay are those that pods of the remainder mount', () => {
  assert.deepEqual([...claimsInUse(pool, { nodes: [], jobs: [] })], [])
  assert.deepEqual([...claimsInUse(pool, { nodes: [node], jobs: [] })], ['data-net-1'])
  assert.deepEqual([...claimsInUse(pool, { nodes: [], jobs: [genesisJob] })], ['net-genesis-data'])
  assert.deepEqual([...claimsInUse(pool, { nodes: [], jobs: [prepJob] })], ['net-genesis-data', 'data-net-1'])
})

test('a Job that does not go is named with the pod that is lost, and others as going', () => {
  const pod: Pod = {
    metadata: { name: 'net-prep-1-x', namespace: 'sei', deletionTimestamp: DELETED },
    spec: { nodeName: 'machine-1', containers: [] },
  }
  const going = deleted(genesisJob, '2026-05-01T12:04:59Z')
  const message = stallMessage(pool, { nodes: [], jobs: [deleted(prepJob), going] }, () => [pod], LATE)
  assert.match(
    message,
    /^Job net-prep-1, deleted at 2026-05-01T12:00:00Z, is blocked by its finalizers foregroundDeletion: pod net-prep-1-x was deleted, .* machine machine-1 .*--force --grace-period=0\. .* Also waiting for the deletion of net-genesis\. Kept until then: PersistentVolumeClaim net-genesis-data, PersistentVolumeClaim data-net-1, which a pod may still write to$/,
  )
})

function told(deletionTimestamp: string): Pod {
  return { metadata: { name: 'net-1-0', deletionTimestamp } }
}

test('a validator is stopping until its pod is gone, or stays although it was deleted', () => {
  const gone = { ...node, metadata: { ...node.metadata, deletionTimestamp: DELETED } }
  const pod: Pod = { metadata: { name: 'net-1-0' } }
  assert.equal(isStopping(gone, undefined, LATE - 1), true)
  assert.equal(isStopping(gone, undefined, LATE), false)
  // Nobody told the pod to stop: the operator was down, or was refused.
  assert.equal(isStopping(gone, pod, LATE + 3_600_000), true)
  assert.equal(isStopping(gone, told('2026-05-01T12:02:00Z'), LATE), true)
  assert.equal(isStopping(gone, told(DELETED), LATE), false)
})

test('a pool that keeps its volumes says that all of them stay', () => {
  const kept = { ...pool, spec: { ...pool.spec, storage: { retainOnDelete: true } } }
  const message = stallMessage(kept, { nodes: [], jobs: [deleted(prepJob)] }, () => [], LATE)
  assert.match(message, /All volumes are retained \(spec\.storage\.retainOnDelete\)$/)
  assert.doesNotMatch(message, /PersistentVolumeClaim/)
})
