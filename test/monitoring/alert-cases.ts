/** For each alert, series with which it fires and resolves: `CASES`. Times and values are those of promtool. */

export interface AlertCase {
  readonly alert: string
  /** What the case shows, if it is not that the alert fires and resolves. */
  readonly but?: string
  /** Values by series, one a minute. */
  readonly series: Readonly<Record<string, string>>
  /** When it fires; undefined if it never does. */
  readonly fires?: string
  readonly quiet: readonly string[]
  /** Of the alert, beside the severity. */
  readonly labels?: Readonly<Record<string, string>>
  /** What the annotations show for $value. */
  readonly value?: string
}

const NODE = { namespace: 'sei', seinode: 'a', chain_id: 'arctic-1' }

/** Both replicas serve it. */
function both(name: string, values: string, labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    ['0', '1'].map(instance => {
      const all = Object.entries({ ...NODE, ...labels, instance }).map(([label, value]) => `${label}="${value}"`)
      return [`${name}{${all.join(',')}}`, values]
    }),
  )
}

function chainState(alert: string, state: string): AlertCase {
  return {
    alert,
    series: both('sei_node_chain_state', '1x20 stale', { state }),
    fires: '15m',
    quiet: ['0m', '25m'],
    labels: NODE,
  }
}

const NOT_READY = both('sei_node_ready', '0x200')

/** Series that keep SeiNodeNotReady from firing, by what they mean. */
const EXCUSES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a paused node': both('sei_node_paused', '1x200'),
  'a node that is deleted': both('sei_node_phase', '1x200', { state: 'Terminating' }),
  'a node that halts at its height': both('sei_node_phase', '1x200', { state: 'Halted' }),
  'a node whose bootstrap runs': both('sei_node_plan_started_timestamp_seconds', '0x200', { plan: 'bootstrap' }),
  'a new node that has not answered yet': {
    ...both('sei_node_plan_started_timestamp_seconds', '0x200', { plan: 'bootstrap' }),
    ...both('sei_node_plan_duration_seconds', '60x200', { plan: 'bootstrap' }),
  },
  'a node that catches up': both('sei_node_chain_state', '1x200', { state: 'CatchingUp' }),
  'a node of a halted chain': both('sei_node_chain_state', '1x200', { state: 'ChainHalted' }),
  'a node that is stalled': both('sei_node_stalled', '1x200', { reason: 'PodStuck' }),
}

export const CASES: readonly AlertCase[] = [
  {
    alert: 'SeiNodeNotReady',
    series: {
      ...both('sei_node_ready', '0x20 1x40'),
      ...both('sei_node_plan_started_timestamp_seconds', '0x60', { plan: 'bootstrap' }),
      ...both('sei_node_plan_duration_seconds', '60x60', { plan: 'bootstrap' }),
      ...both('sei_node_answered_timestamp_seconds', '120x60'),
    },
    fires: '15m',
    quiet: ['5m', '30m'],
    labels: NODE,
  },
  ...Object.entries(EXCUSES).map(([what, series]): AlertCase => ({
    alert: 'SeiNodeNotReady',
    but: `${what} is excused`,
    series: { ...NOT_READY, ...series },
    quiet: ['60m', '180m'],
  })),
  {
    alert: 'SeiNodeNotReady',
    but: 'a new node that has not answered for six hours is no longer excused',
    series: {
      ...both('sei_node_ready', '0x480'),
      ...both('sei_node_plan_started_timestamp_seconds', '0x480', { plan: 'bootstrap' }),
      ...both('sei_node_plan_duration_seconds', '60x480', { plan: 'bootstrap' }),
    },
    fires: '400m',
    quiet: ['355m'],
    labels: NODE,
  },
  {
    alert: 'SeiNodeStalled',
    series: both('sei_node_stalled', '1x20 stale', { reason: 'ImagePullFailed' }),
    fires: '15m',
    quiet: ['3m', '25m'],
    labels: { ...NODE, reason: 'ImagePullFailed' },
  },
  chainState('SeiNodeStuck', 'Stuck'),
  chainState('SeiNodeNoPeers', 'NoPeers'),
  chainState('SeiNodeWrongChain', 'WrongChain'),
  chainState('SeiValidatorNotSigning', 'NotSigning'),
  {
    alert: 'SeiNodeNotCatchingUp',
    series: {
      ...both('sei_node_chain_state', '1x300', { state: 'CatchingUp' }),
      ...both('sei_node_blocks_behind', '1000x120 1000-5x180'),
    },
    fires: '100m',
    quiet: ['80m', '200m'],
    labels: NODE,
  },
  {
    alert: 'SeiNodeNotCatchingUp',
    but: 'a node that comes closer is left alone',
    series: {
      ...both('sei_node_chain_state', '1x300', { state: 'CatchingUp' }),
      ...both('sei_node_blocks_behind', '10000-1x300'),
    },
    quiet: ['100m', '300m'],
  },
  {
    alert: 'SeiNodeBootstrapSlow',
    series: {
      ...both('sei_node_plan_started_timestamp_seconds', '0x3000', { plan: 'bootstrap' }),
      ...both('sei_node_plan_duration_seconds', '_x1800 108000x1200', { plan: 'bootstrap' }),
    },
    fires: '25h',
    quiet: ['23h', '31h'],
    labels: NODE,
    value: '1d 1h 0m 0s',
  },
  {
    alert: 'SeiNodeRestarting',
    series: both('sei_node_seid_restarts_total', '0x60 0+1x6 6x200'),
    fires: '80m',
    quiet: ['30m', '180m'],
    labels: NODE,
    value: '6',
  },
  {
    alert: 'SeiNodeRestarting',
    but: 'a new pod, whose count begins at 0, is no restart',
    series: both('sei_node_seid_restarts_total', '7x60 0x100'),
    quiet: ['70m', '120m'],
  },
  {
    alert: 'SeiChainHalted',
    series: {
      ...both('sei_node_chain_state', '1x20 stale', { state: 'ChainHalted' }),
      ...both('sei_node_chain_state', '1x20 stale', { state: 'ChainHalted', seinode: 'b' }),
    },
    fires: '10m',
    quiet: ['0m', '25m'],
    labels: { chain_id: 'arctic-1' },
    value: '2',
  },
  {
    alert: 'SeiValidatorLostPower',
    series: both('sei_node_voting_power', '100x20 0x2000'),
    fires: '30m',
    quiet: ['15m', '22m', '26h'],
    labels: NODE,
  },
  {
    alert: 'SeiValidatorKeyConflict',
    series: { 'sei_validator_keys{namespace="ops",state="conflict"}': '0x5 2x10 0x10' },
    fires: '10m',
    quiet: ['4m', '20m'],
    labels: { namespace: 'ops' },
    value: '2',
  },
  {
    alert: 'SeiNodeDiskFullInDays',
    series: both('sei_node_volume_full_timestamp_seconds', '864000x10500 2592000x1500'),
    fires: '7d',
    quiet: ['5d', '6d30m', '8d'],
    labels: NODE,
    value: '3d 0h 0m 0s',
  },
  {
    alert: 'SeiNodeDiskFullInDays',
    but: 'it leaves the last hours to the other alert',
    series: both('sei_node_volume_full_timestamp_seconds', '172800x2800'),
    quiet: ['40h', '46h'],
  },
  {
    alert: 'SeiNodeDiskFullInHours',
    series: both('sei_node_volume_full_timestamp_seconds', '172800x2700 2592000x300'),
    fires: '40h',
    quiet: ['30h', '36h5m', '48h'],
    labels: NODE,
  },
  {
    alert: 'SeiNodeDiskFullInHours',
    but: 'it fires for a volume that is used to more than 95 %, and resolves when that has grown',
    series: {
      ...both('sei_node_volume_used_bytes', '96x100'),
      ...both('sei_node_volume_capacity_bytes', '100x50 200x50'),
    },
    fires: '30m',
    quiet: ['5m', '60m'],
    labels: NODE,
  },
  {
    alert: 'SeiUploadFailing',
    series: both('sei_node_recurring_task_failed', '0x10 1x20 0x20', { task: 'snapshot-upload' }),
    fires: '25m',
    quiet: ['12m', '40m'],
    labels: { ...NODE, task: 'snapshot-upload' },
  },
  {
    alert: 'SeiUploadOverdue',
    series: both('sei_node_recurring_task_next_timestamp_seconds', '3600x200 90000x200', { task: 'snapshot-upload' }),
    fires: '150m',
    quiet: ['110m', '220m'],
    labels: { ...NODE, task: 'snapshot-upload' },
    value: '1h 30m 0s',
  },
  {
    alert: 'SeiRolloutHalted',
    series: both('sei_node_rollout_since_timestamp_seconds', '60x20 stale', { phase: 'halted' }),
    fires: '10m',
    quiet: ['0m', '25m'],
    labels: NODE,
  },
  {
    alert: 'SeiOperatorDown',
    series: { 'controller_runtime_reconcile_total{controller="seinode",result="success"}': '0x10 stale _x20 0x20' },
    fires: '20m',
    quiet: ['5m', '13m', '40m'],
    labels: { controller: 'seinode' },
  },
  {
    alert: 'SeiOperatorNotLeading',
    series: {
      'leader_election_master_status{namespace="ops",name="sei-k8s-controller",pod="0"}': '1x10 0x60',
      'leader_election_master_status{namespace="ops",name="sei-k8s-controller",pod="1"}': '0x20 1x40',
    },
    fires: '15m',
    quiet: ['5m', '12m', '30m'],
    labels: { namespace: 'ops' },
  },
  {
    alert: 'SeiOperatorReconcileErrors',
    series: {
      'controller_runtime_reconcile_errors_total{namespace="ops",controller="seinode",pod="0"}': '0x30 0+2x40 80x60',
      'controller_runtime_reconcile_errors_total{namespace="ops",controller="seinode",pod="1"}': '0x130',
    },
    fires: '60m',
    quiet: ['30m', '40m', '110m'],
    labels: { namespace: 'ops', controller: 'seinode' },
    value: '20',
  },
  {
    alert: 'SeiOperatorQueueDelay',
    series: {
      'workqueue_queue_duration_seconds_bucket{namespace="ops",name="seinode",le="1"}': '0x30 0x40 0+60x60',
      'workqueue_queue_duration_seconds_bucket{namespace="ops",name="seinode",le="30"}': '0x30 0+60x40 2400+60x60',
      'workqueue_queue_duration_seconds_bucket{namespace="ops",name="seinode",le="+Inf"}': '0x30 0+60x40 2400+60x60',
    },
    fires: '60m',
    quiet: ['20m', '40m', '100m'],
    labels: { namespace: 'ops', name: 'seinode' },
    value: '29.71s',
  },
  {
    alert: 'SeiOperatorWorkerHangs',
    series: {
      'workqueue_longest_running_processor_seconds{namespace="ops",name="seinode",pod="0"}': '0+60x20 0x20',
    },
    fires: '15m',
    quiet: ['8m', '25m'],
    labels: { namespace: 'ops', name: 'seinode' },
    value: '15m 0s',
  },
]
