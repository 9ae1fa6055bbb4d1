/** A SeiNode from its manifest to Running, on the real control plane. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'

test('R3 R8: a SeiNode becomes Running once its sidecar has run every task of its plan', async () => {
  await using stage = await OperatorStage.open()
  await stage.create('a')
  const node = await stage.untilRunning('a')
  assert.deepEqual(stage.executedBy('a'), ['configure-genesis', 'config-apply', 'config-validate', 'mark-ready'])
  assert.equal(node.status?.initPlan?.phase, 'Complete')
  // An event is posted beside what comes next.
  const told = await until('the end of its plan to be told', async () => {
    const reasons = (await stage.eventsOf('a')).map(event => event.reason)
    return reasons.includes('PlanComplete') ? reasons : undefined
  })
  assert.deepEqual(
    told.filter(reason => reason?.startsWith('Plan')),
    ['PlanStarted', 'PlanComplete'],
  )
})
