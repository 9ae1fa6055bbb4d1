/** Placements with something wrong, laid over a SeiNode or the nodes of a SeiNodePool, and what the API server says of them. */
import type { InvalidCase } from './crd-cases.ts'

type Refusal = readonly [title: string, fields: Readonly<Record<string, unknown>>, field: string, says: string]

const onZone = { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a'] }
const spread = { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }
const ofOperator = 'labels of the operator and of Kubernetes must not be set'

const scheduling = (fields: object): Readonly<Record<string, unknown>> => ({ scheduling: fields })
const tolerates = (toleration: object) => scheduling({ tolerations: [toleration] })
const spreads = (...topologySpreadConstraints: object[]) => scheduling({ topologySpreadConstraints })
const requires = (expression: object) =>
  scheduling({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] },
    },
  })
const inTerm =
  'scheduling.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]'

const ofScheduling: readonly Refusal[] = [
  [
    'a PriorityClass in capitals',
    scheduling({ priorityClassName: 'High' }),
    'scheduling.priorityClassName',
    'must be an object name',
  ],
  [
    'a node selector with a space',
    scheduling({ nodeSelector: { 'a b': 'c' } }),
    'scheduling.nodeSelector',
    'must be a label key',
  ],
  ['an empty node selector', scheduling({ nodeSelector: {} }), 'scheduling.nodeSelector', 'at least 1'],
  [
    'a toleration of nothing',
    tolerates({ effect: 'NoSchedule' }),
    'scheduling.tolerations[0]',
    'must set key, or operator Exists',
  ],
  [
    'a toleration of any value that names one',
    tolerates({ key: 'a', operator: 'Exists', value: 'b' }),
    'scheduling.tolerations[0]',
    'value must not be set with Exists',
  ],
  [
    'a toleration for seconds of a taint that evicts nothing',
    tolerates({ key: 'a', tolerationSeconds: 9 }),
    'scheduling.tolerations[0]',
    'unless effect is NoExecute',
  ],
  [
    'an effect that Kubernetes does not have',
    tolerates({ key: 'a', effect: 'Evict' }),
    'scheduling.tolerations[0].effect',
    '"NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    'a condition on machines without values',
    requires({ key: 'a', operator: 'NotIn' }),
    inTerm,
    'values must be set unless',
  ],
  [
    'a comparison with two numbers',
    requires({ key: 'a', operator: 'Gt', values: ['1', '2'] }),
    inTerm,
    'one whole number',
  ],
  ['a comparison with a word', requires({ key: 'a', operator: 'Lt', values: ['many'] }), inTerm, 'one whole number'],
  [
    'a preference without a weight',
    scheduling({
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ preference: { matchExpressions: [onZone] } }],
      },
    }),
    'scheduling.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight',
    'Required',
  ],
  [
    'a spread that does not say whether it is a must',
    spreads({ topologyKey: 'zone' }),
    'scheduling.topologySpreadConstraints[0].whenUnsatisfiable',
    'Required',
  ],
  [
    'the same spread twice',
    spreads(spread, { ...spread, maxSkew: 2 }),
    'scheduling.topologySpreadConstraints[1]',
    'Duplicate value',
  ],
  [
    'a spread with a skew of zero',
    spreads({ ...spread, maxSkew: 0 }),
    'scheduling.topologySpreadConstraints[0].maxSkew',
    'greater than or equal to 1',
  ],
]

const ofMetadata: readonly Refusal[] = ['podMetadata', 'serviceMetadata'].flatMap((field): Refusal[] => [
  [`${field}: a label of the operator`, { [field]: { labels: { 'sei.io/node': 'x' } } }, `${field}.labels`, ofOperator],
  [
    `${field}: the label of the application`,
    { [field]: { labels: { 'app.kubernetes.io/name': 'x' } } },
    `${field}.labels`,
    ofOperator,
  ],
  [
    `${field}: a label of StatefulSets`,
    { [field]: { labels: { 'statefulset.kubernetes.io/pod-name': 'x' } } },
    `${field}.labels`,
    ofOperator,
  ],
  [`${field}: a label of Jobs`, { [field]: { labels: { 'job-name': 'x' } } }, `${field}.labels`, ofOperator],
  [
    `${field}: a label value with a slash`,
    { [field]: { labels: { team: 'a/b' } } },
    `${field}.labels`,
    'must be a label value',
  ],
  [
    `${field}: an annotation of the operator`,
    { [field]: { annotations: { 'sei.io/config-hash': 'x' } } },
    `${field}.annotations`,
    'annotations of the operator must not be set',
  ],
  [
    `${field}: the annotation that keeps Karpenter away`,
    { [field]: { annotations: { 'karpenter.sh/do-not-disrupt': 'false' } } },
    `${field}.annotations`,
    'annotations of the operator must not be set',
  ],
  [
    `${field}: an annotation with a space`,
    { [field]: { annotations: { 'a b': 'x' } } },
    `${field}.annotations`,
    'must be an annotation key',
  ],
])

const variable = (name: string, more: object = { value: 'x' }): readonly object[] => [{ name, ...more }]

const ofContainers: readonly Refusal[] = [
  [
    'a pull secret in capitals',
    { imagePullSecrets: [{ name: 'Registry' }] },
    'imagePullSecrets[0].name',
    'must be an object name',
  ],
  [
    'the same pull secret twice',
    { imagePullSecrets: [{ name: 'a' }, { name: 'a' }] },
    'imagePullSecrets[1]',
    'Duplicate value',
  ],
  [
    "init resources' requests above limits",
    { initResources: { limits: { cpu: 1 }, requests: { cpu: 2 } } },
    'initResources',
    'requests must not be above limits',
  ],
  ['the home of seid', { env: variable('HOME') }, 'env[0].name', 'must not be a variable of the operator: HOME'],
  ['a setting of seid as a variable', { env: variable('SEID_RPC_LADDR') }, 'env[0].name', 'must not begin with SEID_'],
  ['a variable with a dash', { env: variable('A-B') }, 'env[0].name', 'must be the name of an environment variable'],
  ['a variable without a value', { env: variable('A', {}) }, 'env[0]', 'exactly one of value and valueFrom'],
  ['the same variable twice', { env: [...variable('A'), ...variable('A')] }, 'env[1]', 'Duplicate value'],
  [
    'a variable with two values',
    { env: variable('A', { value: 'x', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }) },
    'env[0]',
    'exactly one of value and valueFrom',
  ],
  ...['TMPDIR', 'SEI_SIDECAR_PORT', 'SEI_SNAPSHOT_UPLOAD_INTERVAL', 'SEI_SIDECAR_AUTHN_MODE'].map((name): Refusal => [
    `${name} of the sidecar`,
    { sidecar: { env: variable(name) } },
    'sidecar.env[0].name',
    'must not be a variable of the operator',
  ]),
]

/** @param over lays the placement over the smallest manifest of the kind */
export function invalidPlacements(
  path: string,
  over: (fields: Readonly<Record<string, unknown>>) => unknown,
): readonly InvalidCase[] {
  return [...ofScheduling, ...ofMetadata, ...ofContainers].map(([title, fields, field, says]) => ({
    title,
    spec: over(fields),
    says: [`${path}.${field}`, says],
  }))
}
