/** The labels of the operator's metrics, and all the values that each may have: `METRIC_LABELS`. Those of nodes name the SeiNode, and go with it. */
import { CHAIN_STATES } from '../src/api/seinode-status.ts'
import { STALLED } from '../src/api/seinode-stalled.ts'
import { phase } from '../src/api/status.ts'
import { KEY_STATES } from '../src/controllers/seinode/keys/key-lease.ts'
import { PLANS } from '../src/controllers/seinode/status-metrics.ts'
import { ROLLOUT_PHASES } from '../src/controllers/shared/rollout-gate.ts'
import { RECURRING_TYPES } from '../src/plan/recurring.ts'
import { TASK_TYPES } from '../src/plan/task-type.ts'
import { EVENT_OUTCOMES, RECONCILE_RESULTS } from '../src/runtime/metrics.ts'

export interface MetricLabel {
  readonly meaning: string
  /** For readers. */
  readonly values: string
  readonly pattern: RegExp
}

const CONTROLLERS = ['seinode', 'seinodepool']
const LEASE = 'sei-k8s-controller'

export const METRIC_LABELS: Readonly<Record<string, MetricLabel>> = {
  name: oneOf('queue of a controller, or the lease', [...CONTROLLERS, LEASE]),
  controller: oneOf('controller', CONTROLLERS),
  result: oneOf('what came of a reconcile', RECONCILE_RESULTS),
  state: oneOf('what keeps a validator from signing; the phase of a SeiNode; how it follows its chain', [
    ...KEY_STATES,
    ...phase.options,
    ...CHAIN_STATES,
  ]),
  namespace: { meaning: 'namespace of a SeiNode', values: 'one per namespace', pattern: /^[a-z0-9-]+$/ },
  seinode: { meaning: 'name of a SeiNode', values: 'one per SeiNode', pattern: /^[a-z0-9.-]+$/ },
  chain_id: { meaning: 'chain of a SeiNode', values: 'one per chain', pattern: /^[A-Za-z0-9_-]+$/ },
  reason: {
    ...oneOf('why a node is stalled', Object.keys(STALLED)),
    values: 'reasons of [the condition](conditions.md)',
  },
  plan: oneOf('plan of a SeiNode', PLANS),
  task: oneOf('task of the sidecar', [...TASK_TYPES, ...RECURRING_TYPES]),
  outcome: oneOf('what became of an event', EVENT_OUTCOMES),
  verb: oneOf('what was asked of the API server', [
    'get',
    'list',
    'watch',
    'create',
    'update',
    'patch',
    'apply',
    'delete',
  ]),
  resource: {
    meaning: 'kind that was asked for, one of those in the operator’s role',
    values: 'plural and group, such as `statefulsets.apps`',
    pattern: /^[a-z]+(\/[a-z]+)?(\.[a-z0-9.]+)?$/,
  },
  code: { meaning: 'HTTP status', values: '`100` to `599`, `none` without an answer', pattern: /^([1-5]\d\d|none)$/ },
  phase: oneOf('how far the change of a node is', ROLLOUT_PHASES),
  version: { meaning: 'version of Node.js', values: 'one per process', pattern: /^v\d+\.\d+\.\d+$/ },
  le: { meaning: 'upper bound of a bucket, seconds', values: 'twelve', pattern: /^(\d+(\.\d+)?|\+Inf)$/ },
}

function oneOf(meaning: string, values: readonly string[]): MetricLabel {
  return {
    meaning,
    values: values.map(value => `\`${value}\``).join(', '),
    pattern: new RegExp(`^(${values.join('|')})$`),
  }
}
