/** Edits of a spec that come at a time when nothing reads them any more, or while the pod is still of the spec before. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { conditionOf } from '../support/operator-fixture.ts'
import { NodesFixture } from './nodes-fixture.ts'
import { RESTORE_TASKS, restoreSpec, UPDATE } from './specs.ts'

suite('late edits', { concurrency: 4 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('another port for the sidecar and another configuration: both reach the node, by one restart', async () => {
    const node = await fixture.running('moved')
    await node.change({ sidecar: { port: 7000 }, overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
    await node.becomes({ tasks: UPDATE, events: ['UpdateStarted', 'ConfigUpdated'], parts: { pod: 'new' } })
  })

  test('a snapshot that is edited once it was restored is named as not used, in the bootstrap and after it', async () => {
    const { promise: block, resolve: unblock } = Promise.withResolvers()
    fixture.behave('late', { tasks: type => (type === 'configure-genesis' ? { block } : undefined) })
    const node = await fixture.create('late', restoreSpec({ uri: 's3://snapshots/one/' }))
    await node.untilTask('configure-genesis')
    await node.change({ snapshot: { s3: { uri: 's3://snapshots/two/' } } })
    const seen = await node.until(
      'the edit to be named',
      object => conditionOf(object, 'SpecValid')?.reason === 'SnapshotNotUsed',
    )
    assert.equal(seen.status?.initPlan?.phase, 'Active')
    assert.match(
      conditionOf(seen, 'SpecValid')?.message ?? '',
      /spec\.snapshot was changed after snapshot-restore had been sent to the sidecar/,
    )
    unblock(undefined)
    await node.becomes({
      conditions: { SpecValid: 'SnapshotNotUsed' },
      tasks: RESTORE_TASKS,
      events: ['PlanStarted', 'PlanComplete'],
    })
    await node.change({ snapshot: { s3: { uri: 's3://snapshots/one/' } } })
    await node.becomes({})
  })

  test('targetHeight on a sidecar that does not say whether it knows it is named', async () => {
    const spec = restoreSpec({ uri: 's3://snapshots/arctic-1/' })
    const s3 = { uri: 's3://snapshots/arctic-1/', region: 'us-east-2', targetHeight: 100 }
    const node = await fixture.create('height', { ...spec, snapshot: { s3 } })
    await node.becomes({
      conditions: { SpecValid: 'TargetHeightUnknown' },
      says: { SpecValid: ['targetHeight may have been ignored', 'before v0.0.27 restore the newest snapshot'] },
      tasks: RESTORE_TASKS,
      events: ['PlanStarted', 'PlanComplete'],
    })
  })
})
