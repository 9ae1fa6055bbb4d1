/** Rows of every-field-table.ts: how a pod is placed and marked. Each value is one that the machines of the tests meet. */
import type { FieldChange } from './field-change.ts'
import type { SpecInput } from './living-node.ts'

const onLinux = { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }
const toleration = {
  key: 'example.com/kind',
  operator: 'Equal',
  value: 'rpc',
  effect: 'NoExecute',
  tolerationSeconds: 9,
}
const spread = { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 2 }
const byExpression = { matchExpressions: [{ key: 'team', operator: 'In', values: ['a'] }] }
const fromSecret = { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'node-key', key: 'node_key.json' } } }

/** By the path of the field in the CRD's schema. */
export function placementRows(base: SpecInput): Readonly<Record<string, FieldChange>> {
  const restarts = (change: object): FieldChange => ({ base, change, shows: ['statefulSet'] })
  const schedules = (scheduling: object): FieldChange => restarts({ scheduling })
  const required = {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [onLinux] }] },
  }
  const preferred = {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, preference: { matchExpressions: [onLinux] } }],
  }
  const spreads = (more: object): FieldChange => schedules({ topologySpreadConstraints: [{ ...spread, ...more }] })
  const preference = 'scheduling.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[]'
  const rows = {
    'scheduling.nodeSelector.*': schedules({ nodeSelector: { 'kubernetes.io/os': 'linux' } }),
    'scheduling.priorityClassName': schedules({ priorityClassName: 'system-node-critical' }),
    'podMetadata.labels.*': restarts({ podMetadata: { labels: { 'example.com/team': 'a' } } }),
    'podMetadata.annotations.*': restarts({ podMetadata: { annotations: { 'example.com/owner': 'on call' } } }),
    'serviceMetadata.labels.*': serves(base, { labels: { 'example.com/team': 'a' } }),
    'serviceMetadata.annotations.*': serves(base, { annotations: { 'example.com/hostname': 'rpc.example.com' } }),
    'imagePullSecrets[].name': restarts({ imagePullSecrets: [{ name: 'registry' }] }),
    'initResources.limits.*': restarts({ initResources: { limits: { memory: '2Gi' } } }),
    'initResources.requests.*': restarts({ initResources: { requests: { memory: '1Gi' } } }),
  }
  const words = ['key', 'operator', 'values[]']
  const terms = 'scheduling.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[]'
  const selector = 'scheduling.topologySpreadConstraints[].labelSelector'
  return {
    ...rows,
    ...each('scheduling.tolerations[]', Object.keys(toleration), schedules({ tolerations: [toleration] })),
    ...each(`${terms}.matchExpressions[]`, words, schedules({ nodeAffinity: required })),
    ...each(
      preference,
      ['weight', ...words.map(word => `preference.matchExpressions[].${word}`)],
      schedules({ nodeAffinity: preferred }),
    ),
    ...each('scheduling.topologySpreadConstraints[]', Object.keys(spread), spreads({})),
    [`${selector}.matchLabels.*`]: spreads({ labelSelector: { matchLabels: { team: 'a' } } }),
    ...each(`${selector}.matchExpressions[]`, words, spreads({ labelSelector: byExpression })),
    ...variables('env', env => restarts({ env })),
    ...variables('sidecar.env', env => restarts({ sidecar: { env } })),
  }
}

function serves(base: SpecInput, serviceMetadata: object): FieldChange {
  return { base, change: { serviceMetadata }, shows: ['service'] }
}

/** Fields that only go together. */
function each(path: string, fields: readonly string[], row: FieldChange): Readonly<Record<string, FieldChange>> {
  return Object.fromEntries(fields.map(field => [`${path}.${field}`, row]))
}

function variables(path: string, row: (env: readonly object[]) => FieldChange): Readonly<Record<string, FieldChange>> {
  const plain = row([{ name: 'GOGC', value: '50' }])
  return {
    ...each(`${path}[]`, ['name', 'value'], plain),
    ...each(`${path}[].valueFrom.secretKeyRef`, ['name', 'key'], row([fromSecret])),
  }
}
