/** What the status of each node tells fleets, as metrics: `registerStatusMetrics`. Read when they are scraped. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Registry } from 'prom-client'
import { SEID_CONTAINER } from '../../api/names.ts'
import type { RecurringTask, TaskPlan } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { childNames } from '../../build/names.ts'
import { findCondition } from '../../lib/conditions.ts'
import { failedTask } from '../../plan/task-plan.ts'
import type { Store } from '../../runtime/store.ts'
import { type NodeMetric, type NodeSeries, registerNodeMetric } from '../shared/node-metric.ts'
import { containerStatus } from '../shared/pods/pod-state.ts'
import type { RolloutPhase } from '../shared/rollout-gate.ts'

export const PLANS = ['bootstrap', 'update'] as const

export interface StatusMetricsOptions {
  readonly nodes: Pick<Store<SeiNode>, 'values'>
  readonly pods: Pick<Store<Pod>, 'get'>
  /** Undefined if the node has no change on its way. */
  readonly rolloutPhase: (node: Readonly<SeiNode>) => RolloutPhase | undefined
}

export function registerStatusMetrics(registry: Registry, options: StatusMetricsOptions): void {
  for (const metric of [...OWN, ...PLAN, ...RECURRING, ...metricsOf(options)]) {
    registerNodeMetric(registry, options.nodes, metric)
  }
}

const OWN: readonly NodeMetric[] = [
  {
    name: 'sei_node_stalled',
    help: '1, with the reason as the label "reason", while the node is Stalled; no series else.',
    labels: ['reason'],
    series: ({ status }) => {
      const stalled = findCondition(status?.conditions, 'Stalled')
      return stalled?.status === 'True' ? [{ value: 1, labels: { reason: stalled.reason } }] : []
    },
  },
  {
    name: 'sei_node_paused',
    help: '1 where spec.paused is true, else 0.',
    series: ({ spec }) => [{ value: spec.paused === true ? 1 : 0 }],
  },
]

const PLAN: readonly NodeMetric[] = [
  {
    name: 'sei_node_plan_failed',
    help: '1, with the failed task as the label "task", while a plan has failed; no series else.',
    labels: ['plan', 'task'],
    series: node =>
      ofPlans(node, plan => {
        const failed = plan.phase === 'Failed' ? failedTask(plan) : undefined
        return failed && { value: 1, labels: { task: failed.type } }
      }),
  },
  {
    name: 'sei_node_plan_started_timestamp_seconds',
    help: 'When the sidecar accepted the first task of the last plan, seconds since the epoch.',
    labels: ['plan'],
    series: node => ofPlans(node, plan => timestamp(startOf(plan))),
  },
  {
    name: 'sei_node_plan_duration_seconds',
    help: 'How long the last plan took, from its first task to the end of its last; no series while it runs.',
    labels: ['plan'],
    series: node =>
      ofPlans(node, plan => {
        const start = startOf(plan)
        const end = plan.tasks.findLast(({ completedAt }) => completedAt !== undefined)?.completedAt
        if (plan.phase === 'Active' || start === undefined || end === undefined) return undefined
        return { value: Math.max(0, Date.parse(end) - Date.parse(start)) / 1000 }
      }),
  },
]

function ofPlans(
  { status }: Readonly<SeiNode>,
  seriesOf: (plan: TaskPlan) => NodeSeries | undefined,
): readonly NodeSeries[] {
  const plans = { bootstrap: status?.initPlan, update: status?.updatePlan }
  return PLANS.flatMap(name => {
    const plan = plans[name]
    const series = plan && seriesOf(plan)
    return series ? [{ ...series, labels: { plan: name, ...series.labels } }] : []
  })
}

/** The tasks run in their order. */
function startOf({ tasks }: TaskPlan): string | undefined {
  return tasks.find(({ submittedAt }) => submittedAt !== undefined)?.submittedAt
}

const RECURRING: readonly NodeMetric[] = [
  {
    name: 'sei_node_recurring_task_failed',
    help: '1 if the run of the recurring task that ended last failed, else 0; no series before the first has ended.',
    labels: ['task'],
    // The error stays in status while the next run is in progress.
    series: node =>
      ofTasks(node, ({ lastResult: last }) =>
        last?.completedAt === undefined ? undefined : { value: last.error === undefined ? 0 : 1 },
      ),
  },
  {
    name: 'sei_node_recurring_task_ended_timestamp_seconds',
    help: 'When a run of the recurring task last ended, seconds since the epoch.',
    labels: ['task'],
    series: node => ofTasks(node, ({ lastResult }) => timestamp(lastResult?.completedAt)),
  },
  {
    name: 'sei_node_recurring_task_scheduled_timestamp_seconds',
    help: 'The slot of the recurring task that ran last, or runs, seconds since the epoch.',
    labels: ['task'],
    series: node => ofTasks(node, ({ lastScheduleTime }) => timestamp(lastScheduleTime)),
  },
  {
    name: 'sei_node_recurring_task_next_timestamp_seconds',
    help: 'The slot of the recurring task that runs next, seconds since the epoch; in the past if it is overdue.',
    labels: ['task'],
    series: node => ofTasks(node, ({ nextScheduleTime }) => timestamp(nextScheduleTime)),
  },
]

function ofTasks(
  { status }: Readonly<SeiNode>,
  seriesOf: (task: RecurringTask) => NodeSeries | undefined,
): readonly NodeSeries[] {
  return (status?.recurringTasks ?? []).flatMap(task => {
    const series = seriesOf(task)
    return series ? [{ ...series, labels: { task: task.type } }] : []
  })
}

function metricsOf({ pods, rolloutPhase }: StatusMetricsOptions): readonly NodeMetric[] {
  return [
    {
      name: 'sei_node_rollout_since_timestamp_seconds',
      help: 'Since when a change that restarts the pod waits, or is underway, seconds since the epoch; halted is underway for more than ten minutes without working.',
      labels: ['phase'],
      series: node => {
        const phase = rolloutPhase(node)
        const since = timestamp(node.status?.rollout?.since)
        return phase && since ? [{ ...since, labels: { phase } }] : []
      },
    },
    {
      name: 'sei_node_seid_restarts_total',
      help: 'Restarts of the container of seid in its present pod.',
      series: node => {
        const pod = pods.get(`${node.metadata.namespace}/${childNames(node).pod}`)
        const seid = pod && containerStatus(pod, SEID_CONTAINER)
        return seid ? [{ value: seid.restartCount }] : []
      },
    },
  ]
}

/** @param time RFC 3339 */
function timestamp(time: string | undefined): NodeSeries | undefined {
  return time === undefined ? undefined : { value: Date.parse(time) / 1000 }
}
