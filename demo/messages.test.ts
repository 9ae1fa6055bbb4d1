/** What the demo says when nodes do not get to Running. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { SeiNodeStatus } from '../src/api/seinode-status.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { Condition } from '../src/api/status.ts'
import { seiNode } from '../src/build/testdata/nodes.ts'
import { seiNodePool } from '../src/build/testdata/pools.ts'
import { stuckReport } from './messages.ts'

function withStatus(name: string, status: SeiNodeStatus): SeiNode {
  return { ...seiNode(name), status }
}

function condition(type: string, status: Condition['status'], reason: string, message: string): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' }
}

test('the report has phase, task, error and unhealthy conditions, and no healthy condition', () => {
  const failed = withStatus('failed', {
    phase: 'Failed',
    initPlan: {
      phase: 'Failed',
      tasks: [
        { type: 'configure-genesis', status: 'Complete' },
        { type: 'config-apply', status: 'Failed', error: 'unknown override key x' },
      ],
    },
    conditions: [
      condition('SpecValid', 'True', 'Valid', 'the spec is valid'),
      condition('Ready', 'False', 'PlanFailed', 'config-apply failed'),
      condition('Initialized', 'False', 'TaskFailed', 'config-apply failed: see the error'),
      condition('Paused', 'False', 'NotPaused', 'the operator reconciles the node'),
    ],
  })
  assert.equal(
    stuckReport([failed, withStatus('well', { phase: 'Running' })]),
    `1 of 2 nodes is not Running:

  failed (Genesis) is Failed, at task 2/2 config-apply failed
    error: unknown override key x
    Initialized=False TaskFailed: config-apply failed: see the error`,
  )
})

test('an error that a condition has is reported once', () => {
  const failed = withStatus('failed', {
    phase: 'Failed',
    initPlan: { phase: 'Failed', tasks: [{ type: 'config-apply', status: 'Failed', error: 'unknown key x' }] },
    conditions: [condition('Initialized', 'False', 'TaskFailed', 'config-apply: unknown key x. Correct the cause')],
  })
  assert.equal(stuckReport([failed]).split('unknown key x').length, 2)
})

test('Ready is reported if no other condition is unhealthy', () => {
  const behind = withStatus('behind', {
    phase: 'Initializing',
    conditions: [condition('Ready', 'False', 'PodNotReady', 'seid does not answer')],
  })
  assert.match(stuckReport([behind]), /Ready=False PodNotReady: seid does not answer$/)
})

test('a node is reported with what the operator does, or with what stalls it, once', () => {
  const message = 'cannot pull image x'
  const stalled = withStatus('waiting', {
    phase: 'Pending',
    conditions: [
      condition('Reconciling', 'False', 'ImagePullFailed', message),
      condition('Stalled', 'True', 'ImagePullFailed', message),
    ],
  })
  assert.match(
    stuckReport([stalled]),
    /waiting \(Genesis\) is Pending, no bootstrap plan yet\n {4}Stalled=True ImagePullFailed: cannot pull image x$/,
  )
  const busy = withStatus('busy', {
    phase: 'Pending',
    conditions: [
      condition('Reconciling', 'True', 'PodStarting', 'the pod is being started'),
      condition('Stalled', 'False', 'NotStalled', 'nobody is needed'),
    ],
  })
  assert.match(stuckReport([busy]), /\n {4}Reconciling=True PodStarting: the pod is being started$/)
})

test('a node without a status is reported as not seen by the operator', () => {
  assert.match(stuckReport([seiNode('a'), seiNode('b')]), /^2 of 2 nodes are .*\n\n {2}a .*has not seen it\n\n {2}b /)
})

test('a failed pool is reported with its step and the unhealthy condition', () => {
  const pool = {
    ...seiNodePool('net'),
    status: {
      phase: 'Failed' as const,
      conditions: [
        condition('Ready', 'False', 'GenesisFailed', 'summary'),
        condition('GenesisComplete', 'False', 'JobFailed', 'exit code 1'),
      ],
    },
  }
  const report = stuckReport([withStatus('a', { phase: 'Running' })], [pool, seiNodePool('new')])
  assert.match(
    report,
    /net \(Pool\) is Failed, at step 1\/4 ceremony\n {4}GenesisComplete=False JobFailed: exit code 1/,
  )
  assert.doesNotMatch(report, /summary/)
  assert.match(report, /new \(Pool\) has no status: the operator has not seen it/)
})
