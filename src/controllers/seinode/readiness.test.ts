/** A restarted sidecar is told that it is ready, under an id that it has not seen. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restoreReadiness } from './readiness.ts'
import { ERAS, failure, MemorySidecar } from './testdata/memory-sidecar.ts'
import { PLAN_ID } from './testdata/objects.ts'

const { signal } = new AbortController()

for (const era of ERAS) {
  test(`failure mode 1: ${era.title}: every start of the sidecar gets one mark-ready of its own`, async () => {
    const sidecar = new MemorySidecar(era)
    const restore = (start: string): Promise<string> => restoreReadiness(sidecar, PLAN_ID, start, signal)
    assert.deepEqual([await restore('start-1'), await restore('start-1')], ['submitted', 'was-ready'])
    sidecar.restart()
    assert.deepEqual([await restore('start-2'), await restore('start-2')], ['submitted', 'was-ready'])
    assert.deepEqual([sidecar.ready, sidecar.executed], [true, ['mark-ready', 'mark-ready']])
  })

  test(`${era.title}: a mark-ready that ran, and left the sidecar not ready all the same, is followed by another`, async () => {
    const sidecar = new MemorySidecar(era)
    await restoreReadiness(sidecar, PLAN_ID, 'start-1', signal)
    sidecar.ready = false
    assert.equal(await restoreReadiness(sidecar, PLAN_ID, 'start-1', signal), 'submitted')
    assert.equal(sidecar.ready, true)
  })
}

test('a mark-ready that still runs is waited for', async () => {
  const sidecar = new MemorySidecar({ title: '', honoursIDs: true, oneAtATime: false, remembers: true })
  sidecar.instant = false
  await restoreReadiness(sidecar, PLAN_ID, 'start-1', signal)
  assert.equal(await restoreReadiness(sidecar, PLAN_ID, 'start-1', signal), 'running')
  assert.deepEqual(sidecar.executed, ['mark-ready'])
})

test('failure mode 1: a sidecar that does not answer is sent nothing', async () => {
  const sidecar = new MemorySidecar({ title: '', honoursIDs: true, oneAtATime: false, remembers: true })
  sidecar.faults.push('refused')
  await assert.rejects(
    restoreReadiness(sidecar, PLAN_ID, 'start-1', signal),
    failure({ kind: 'unavailable', sent: 'no', detail: 'refused' }),
  )
  assert.deepEqual(sidecar.executed, [])
})
