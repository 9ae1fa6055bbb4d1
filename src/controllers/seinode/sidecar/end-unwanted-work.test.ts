/** Unwanted work is ended once for each start of the sidecar, before a changed template reaches the pod. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { platform } from '../../../build/testdata/platform.ts'
import { uuidV5 } from '../../../lib/uuid-v5.ts'
import { VerifiedChildren } from '../../shared/children/verified-children.ts'
import type { NodeLocalState } from '../local-state.ts'
import { SIDECAR_SILENT_MS } from '../rollout/pod-change.ts'
import { ERAS, MemorySidecar } from '../testdata/memory-sidecar.ts'
import { NOW, PLAN_ID, planOf, podOf } from '../testdata/objects.ts'
import { TASKS } from '../testdata/observation.ts'
import { endUnwantedWork, waitsForWork } from './end-unwanted-work.ts'
import { PlanCursor } from './plan-runner.ts'

const UPLOAD = { id: uuidV5(PLAN_ID, 'upload'), type: 'snapshot-upload' }
const START = 'containerd://sei-sidecar-1'
const { signal } = new AbortController()
const destination = { s3: { bucket: 'uploads', region: 'eu-west-3' } }
const status = { initPlan: planOf(TASKS, TASKS.length) }
const PLAIN = { ...seiNode('a'), status }
const UPLOADING = { ...seiNode('a', { snapshotGeneration: { keepRecent: 2, destination } }), status }

async function scene(): Promise<{ readonly sidecar: MemorySidecar; readonly local: NodeLocalState }> {
  const [, , , database] = ERAS
  assert.ok(database)
  const sidecar = new MemorySidecar(database)
  sidecar.instant = false
  await sidecar.submit(UPLOAD)
  return { sidecar, local: { cursor: new PlanCursor(), verified: new VerifiedChildren() } }
}

test('a changed template waits until the work is ended, and goes on at once then', async () => {
  const { sidecar, local } = await scene()
  assert.equal(waitsForWork(PLAIN, podOf(), local, { platform }, NOW), true)
  const { requeue } = await endUnwantedWork(PLAIN, START, sidecar, local, { platform }, signal)
  assert.deepEqual(requeue, { requeueAfterMs: 0 })
  assert.deepEqual(await sidecar.tasks(), [])
  assert.equal(waitsForWork(PLAIN, podOf(), local, { platform }, NOW), false)
})

test('the sidecar is asked once for each start and each change of what is wanted', async () => {
  const { sidecar, local } = await scene()
  await endUnwantedWork(UPLOADING, START, sidecar, local, { platform }, signal)
  sidecar.faults.push('refused')
  assert.deepEqual(await endUnwantedWork(UPLOADING, START, sidecar, local, { platform }, signal), {})
  assert.equal((await endUnwantedWork(PLAIN, START, sidecar, local, { platform }, signal)).wait?.kind, 'unreachable')
  sidecar.faults.push('refused')
  const other = 'containerd://sei-sidecar-2'
  assert.equal(
    (await endUnwantedWork(UPLOADING, other, sidecar, local, { platform }, signal)).wait?.kind,
    'unreachable',
  )
})

test('a sidecar that does not answer is asked again, and delays a template for a while only', async () => {
  const { sidecar, local } = await scene()
  assert.equal(waitsForWork(PLAIN, podOf(), local, { platform }, NOW), true)
  sidecar.faults.push('refused')
  await endUnwantedWork(PLAIN, START, sidecar, local, { platform }, signal)
  assert.equal((await sidecar.tasks()).length, 1)
  assert.equal(waitsForWork(PLAIN, podOf(), local, { platform }, NOW + SIDECAR_SILENT_MS - 1), true)
  assert.equal(waitsForWork(PLAIN, podOf(), local, { platform }, NOW + SIDECAR_SILENT_MS), false)
  await endUnwantedWork(PLAIN, START, sidecar, local, { platform }, signal)
  assert.deepEqual(await sidecar.tasks(), [])
})

test('nothing waits for a sidecar that does not run, nor in a bootstrap', async () => {
  const { local } = await scene()
  for (const pod of [undefined, podOf({ sidecar: null }), podOf({ sidecar: { started: false } })]) {
    assert.equal(waitsForWork(PLAIN, pod, local, { platform }, NOW), false)
  }
  const bootstrapping = { ...PLAIN, status: { initPlan: planOf(TASKS) } }
  assert.equal(waitsForWork(bootstrapping, podOf(), local, { platform }, NOW), false)
})
