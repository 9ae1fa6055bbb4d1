/** Which plan follows from the stored one, the volume, the spec and the retry annotation. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskPlan } from '../api/seinode-status.ts'
import type { SeiNode, SeiNodeSpec } from '../api/seinode.ts'
import { currentInitPlan, type PlanContext } from './init-plan.ts'

const ID = '6fa459ea-ee8a-4ca4-894e-db77e160355e'
const OTHER = '7fa459ea-ee8a-4ca4-894e-db77e160355e'
const spec: SeiNodeSpec = { chainId: 'pacific-1', image: 'seid:v1' }

function node(initPlan?: TaskPlan, more: Partial<SeiNodeSpec> = {}, retry?: string): SeiNode {
  return {
    metadata: { name: 'a', ...(retry === undefined ? {} : { annotations: { 'sei.io/retry-plan': retry } }) },
    spec: { ...spec, ...more },
    ...(initPlan ? { status: { initPlan } } : {}),
  }
}

function current(
  object: SeiNode,
  volumeUID = 'volume-1',
  more: Partial<PlanContext> = {},
): ReturnType<typeof currentInitPlan> {
  const config = { hash: 'wanted', overrideKeys: ['chain.moniker'] }
  return currentInitPlan(
    object,
    { volumeUID, adopted: undefined, isAccepted: false, config, mayBeInFlight: false, ...more },
    () => OTHER,
  )
}

const stored: TaskPlan = {
  id: ID,
  phase: 'Active',
  volumeUID: 'volume-1',
  tasks: [
    { type: 'configure-genesis', status: 'Complete', taskID: 'one' },
    { type: 'config-apply', status: 'Pending', attempt: 2 },
    { type: 'config-validate', status: 'Pending' },
    { type: 'mark-ready', status: 'Pending' },
  ],
}
const complete: TaskPlan = {
  ...stored,
  phase: 'Complete',
  tasks: stored.tasks.map(task => ({ ...task, status: 'Complete' })),
}

test('R8: a node without a plan gets one with a new id, for the volume that it has', () => {
  const { plan, change } = current(node())
  assert.equal(change, 'created')
  assert.deepEqual([plan.id, plan.volumeUID, plan.phase], [OTHER, 'volume-1', 'Active'])
})

test('R8: a plan that fits stays as it is, to the very object', () => {
  assert.deepEqual(current(node(stored)), { plan: stored, change: 'none' })
  assert.deepEqual(current(node(complete)), { plan: complete, change: 'none' })
})

test('failure mode 15: another volume gets a bootstrap of its own, whatever the stored plan says', () => {
  const { plan, change } = current(node(complete), 'volume-2')
  assert.equal(change, 'volume-replaced')
  assert.deepEqual([plan.id, plan.volumeUID, plan.phase], [OTHER, 'volume-2', 'Active'])
})

test('a volume with consent has its own kind of plan, and keeps its state if it has one', () => {
  const anew = current(node(complete), 'volume-2', { isAccepted: true })
  assert.deepEqual([anew.change, anew.plan.tasks[0]?.type], ['volume-accepted', 'configure-genesis'])
  const adopted = { planID: ID, caughtUpAt: undefined }
  const kept = current(node(complete), 'volume-2', { isAccepted: true, adopted })
  assert.deepEqual(
    [kept.change, kept.plan.adoptedFrom, kept.plan.tasks[0]?.type],
    ['volume-accepted', ID, 'config-apply'],
  )
  assert.equal(current(node(), 'volume-2', { isAccepted: true }).change, 'volume-accepted')
})

test('a complete plan of an operator that kept no ids stays complete and is given what it lacks', () => {
  const { id: _id, volumeUID: _volume, ...old } = complete
  const { plan, change } = current(node(old))
  assert.equal(change, 'taken-over')
  assert.deepEqual([plan.id, plan.volumeUID, plan.phase], [OTHER, 'volume-1', 'Complete'])
})

test('a retry annotation from before the plan does not retry it', () => {
  const { plan } = current(node(undefined, {}, 'old'))
  assert.equal(plan.retryHandled, 'old')
})

test('a retry of a failed plan resumes at the failed task', () => {
  const failed: TaskPlan = {
    ...stored,
    phase: 'Failed',
    tasks: stored.tasks.with(1, { type: 'config-apply', status: 'Failed', attempt: 1, error: 'bad' }),
  }
  const { plan, change } = current(node(failed, {}, 'again'))
  assert.equal(change, 'retried')
  assert.deepEqual(plan.tasks[1], { type: 'config-apply', status: 'Pending', attempt: 2 })
  assert.equal(current(node(failed)).change, 'none')
})

test('new tasks of the spec are inserted before pending ones, and no task runs twice', () => {
  const { plan, change } = current(
    node(stored, { peers: [{ static: { addresses: [`${'a'.repeat(40)}@host:26656`] } }] }),
  )
  assert.equal(change, 'reshaped')
  assert.deepEqual(
    plan.tasks.map(task => [task.type, task.status, task.attempt]),
    [
      ['configure-genesis', 'Complete', undefined],
      ['config-apply', 'Pending', 3],
      ['discover-peers', 'Pending', 3],
      ['config-validate', 'Pending', 3],
      ['mark-ready', 'Pending', 3],
    ],
    'attempts beyond all that were made: their ids are used up',
  )
})

test('a task in flight is let finish before the plan takes another shape', () => {
  const running: TaskPlan = {
    ...stored,
    tasks: stored.tasks.with(1, { type: 'config-apply', status: 'Submitted', taskID: 'two' }),
  }
  const wanted = node(running, { peers: [{ static: { addresses: [`${'a'.repeat(40)}@host:26656`] } }] })
  assert.deepEqual(current(wanted), { plan: running, change: 'none' })
})
