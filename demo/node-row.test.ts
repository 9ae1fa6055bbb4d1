/** What a row of the demo's table says of a node. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { TaskPlan } from '../src/api/seinode-status.ts'
import type { Condition } from '../src/api/status.ts'
import { seiNode } from '../src/build/testdata/nodes.ts'
import { seiNodePool } from '../src/build/testdata/pools.ts'
import { nodeRow, poolProgress, poolRow, taskProgress } from './node-row.ts'

type TaskStatus = TaskPlan['tasks'][number]['status']

function plan(phase: TaskPlan['phase'], ...statuses: TaskStatus[]): TaskPlan {
  const types = ['configure-genesis', 'config-apply', 'mark-ready']
  return { phase, tasks: statuses.map((status, i) => ({ type: types[i] ?? '', status })) }
}

test('a node that the operator has not seen has its name, mode and age, and nothing else', () => {
  const node = seiNode('a', { snapshot: { stateSync: {} }, peers: [] }, { creationTimestamp: '2026-01-01T00:00:00Z' })
  const created = Date.UTC(2026, 0, 1)
  assert.deepEqual(nodeRow(node), { name: 'a', mode: 'StateSync', phase: '-', task: '-', created })
})

test('the first task that is not complete is the current one, submitted or not', () => {
  assert.equal(taskProgress(plan('Active', 'Pending', 'Pending', 'Pending')), '1/3 configure-genesis')
  assert.equal(taskProgress(plan('Active', 'Complete', 'Submitted', 'Pending')), '2/3 config-apply')
})

test('a failed task is called so, and the tasks after it are still to be done', () => {
  assert.equal(taskProgress(plan('Failed', 'Complete', 'Failed', 'Pending')), '2/3 config-apply failed')
})

test('a complete plan counts all its tasks and names none', () => {
  assert.equal(taskProgress(plan('Complete', 'Complete', 'Complete', 'Complete')), '3/3')
})

test('a node without a plan has no task', () => {
  assert.equal(taskProgress(undefined), '-')
})

function conditions(...holding: readonly string[]): readonly Condition[] {
  return ['Ready', 'GenesisComplete', 'NodesPrepared', 'NodesReady'].map(type => ({
    type,
    status: holding.includes(type) ? 'True' : 'False',
    reason: 'x',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }))
}

test('a pool is at the first step that is not over', () => {
  assert.equal(poolProgress(undefined), '-')
  assert.equal(poolProgress(conditions()), '1/4 ceremony')
  assert.equal(poolProgress(conditions('GenesisComplete', 'NodesPrepared')), '3/4 nodes')
  assert.equal(poolProgress(conditions('GenesisComplete', 'NodesPrepared', 'NodesReady')), '4/4 first block')
  assert.equal(poolProgress(conditions('GenesisComplete', 'NodesPrepared', 'NodesReady', 'Ready')), '4/4')
  assert.deepEqual([poolRow(seiNodePool('net')).mode, poolRow(seiNodePool('net')).phase], ['Pool', '-'])
})
