/** Which milestones a node has passed, from its status and its pod. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeiNode } from '../src/api/seinode.ts'
import { benchNode } from './bench-node.ts'
import { nodeMilestones, podMilestones } from './node-milestones.ts'

function node(status: NonNullable<SeiNode['status']>): SeiNode {
  return { ...benchNode(7), status }
}

function condition(
  type: string,
  status: 'True' | 'False',
  message = '',
): NonNullable<NonNullable<SeiNode['status']>['conditions']>[number] {
  return { type, status, reason: 'X', message, lastTransitionTime: '2026-01-01T00:00:00Z' }
}

test('a node passes its milestones one by one', () => {
  const initPlan = { phase: 'Complete' as const, tasks: [] }
  assert.deepEqual(nodeMilestones(benchNode(7)), [])
  assert.deepEqual(nodeMilestones(node({ phase: 'Initializing', initPlan })), ['plan-complete'])
  const conditions = [condition('Ready', 'True')]
  assert.deepEqual(nodeMilestones(node({ phase: 'Running', initPlan, conditions })), [
    'plan-complete',
    'running',
    'ready',
  ])
})

test('a node whose bootstrap failed ends the measurement with its reason', () => {
  const conditions = [condition('Initialized', 'False', 'task config-apply failed: disk full')]
  assert.throws(
    () => nodeMilestones(node({ phase: 'Failed', conditions })),
    /node-0007 failed: task config-apply failed: disk full/,
  )
})

test('a pod is up when its sidecar runs', () => {
  assert.deepEqual(podMilestones({ status: { phase: 'Pending' } }), [])
  const running = { name: 'sei-sidecar', image: '', imageID: '', ready: false, restartCount: 0, state: { running: {} } }
  assert.deepEqual(podMilestones({ status: { initContainerStatuses: [running] } }), ['sidecar-running'])
})
