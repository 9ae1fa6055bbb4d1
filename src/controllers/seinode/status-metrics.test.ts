/** Which series a node has, by what its status says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import type { PlannedTask, SeiNodeStatus } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { registerStatusMetrics } from './status-metrics.ts'
import { podOf } from './testdata/objects.ts'

const AT = '2026-05-01T12:00:00.000Z'
const SECONDS = Date.parse(AT) / 1000

/** By name, and the labels beside those that name the node. */
async function seriesOf(status: SeiNodeStatus, spec: Partial<SeiNode['spec']> = {}): Promise<Record<string, number>> {
  const node: SeiNode = {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNode',
    metadata: { name: 'a', namespace: 'sei' },
    spec: { chainId: 'arctic-1', image: 'seid:v1', ...spec },
    status,
  }
  const registry = new Registry()
  registerStatusMetrics(registry, {
    nodes: { values: () => [node].values() },
    pods: { get: key => (key === 'sei/a-0' ? podOf({ seid: { restartCount: 3 } }) : undefined) },
    rolloutPhase: ({ status: each }) => (each?.rollout ? 'halted' : undefined),
  })
  // Twice: a scrape forgets what the one before it found.
  await registry.metrics()
  const series = (await registry.getMetricsAsJSON()).flatMap(({ name, values }) =>
    values.map(({ labels: { namespace, seinode, chain_id: chain, ...own }, value }) => {
      assert.deepEqual({ namespace, seinode, chain }, { namespace: 'sei', seinode: 'a', chain: 'arctic-1' })
      return [[name.replace('sei_node_', ''), ...Object.values(own)].join(' '), value] as const
    }),
  )
  return Object.fromEntries(series)
}

function stalled(status: 'True' | 'False', reason: string): SeiNodeStatus {
  return { conditions: [{ type: 'Stalled', status, reason, message: '', lastTransitionTime: AT }] }
}

test('a node without status has the series of its spec and of its pod alone', async () => {
  assert.deepEqual(await seriesOf({}), { paused: 0, seid_restarts_total: 3 })
  assert.deepEqual(await seriesOf({}, { paused: true }), { paused: 1, seid_restarts_total: 3 })
})

test('a node that is Stalled has a series with the reason, and none else', async () => {
  assert.equal((await seriesOf(stalled('True', 'ImagePullFailed')))['stalled ImagePullFailed'], 1)
  assert.deepEqual(await seriesOf(stalled('False', 'NotStalled')), { paused: 0, seid_restarts_total: 3 })
})

test('a plan has a start, a duration when it is over, and its failed task', async () => {
  const done: PlannedTask = {
    type: 'config-apply',
    status: 'Complete',
    submittedAt: AT,
    completedAt: '2026-05-01T12:00:20.000Z',
  }
  const failed: PlannedTask = { ...done, type: 'mark-ready', status: 'Failed', completedAt: '2026-05-01T12:01:30.000Z' }
  const series = await seriesOf({
    initPlan: { phase: 'Failed', tasks: [done, failed] },
    updatePlan: { phase: 'Active', tasks: [done] },
  })
  assert.deepEqual(series, {
    paused: 0,
    'plan_failed bootstrap mark-ready': 1,
    'plan_started_timestamp_seconds bootstrap': SECONDS,
    'plan_started_timestamp_seconds update': SECONDS,
    'plan_duration_seconds bootstrap': 90,
    seid_restarts_total: 3,
  })
})

test('a recurring task has its slots, the end of its last run, and whether that one failed, while another runs too', async () => {
  const slots = { type: 'snapshot-upload', lastScheduleTime: AT, nextScheduleTime: '2026-05-02T12:00:00.000Z' }
  const first = await seriesOf({ recurringTasks: [{ ...slots, lastResult: { status: 'Running' } }] })
  assert.equal(first['recurring_task_failed snapshot-upload'], undefined)
  const next = { status: 'Running', completedAt: AT, error: 'no such bucket' } as const
  const series = await seriesOf({ recurringTasks: [{ ...slots, lastResult: next }] })
  assert.deepEqual(series, {
    paused: 0,
    'recurring_task_failed snapshot-upload': 1,
    'recurring_task_ended_timestamp_seconds snapshot-upload': SECONDS,
    'recurring_task_scheduled_timestamp_seconds snapshot-upload': SECONDS,
    'recurring_task_next_timestamp_seconds snapshot-upload': SECONDS + 86_400,
    seid_restarts_total: 3,
  })
})

test('a rollout has its phase and since when', async () => {
  const rollout = { phase: 'Underway', cause: 'Spec', revision: 'r', since: AT } as const
  assert.equal((await seriesOf({ rollout }))['rollout_since_timestamp_seconds halted'], SECONDS)
})
