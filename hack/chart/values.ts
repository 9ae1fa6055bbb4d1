/** The values of the Helm chart with their meanings, defaults and schemas: `chartValues`. */
import { flagValues, variableValues } from './settings.ts'
import type { Group, Schema, Value } from './value.ts'

/** What config/manager/manager.yaml has, which is the default of the chart. */
export interface ManagerDefaults {
  /** Without its tag. */
  readonly image: string
  readonly pullPolicy: string
  readonly replicas: number
  readonly resources: unknown
  readonly affinity: unknown
}

const DNS_LABEL = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'
const LABELS: Schema = { type: 'object', additionalProperties: { type: 'string' } }
const OBJECT: Schema = { type: 'object' }
const OBJECTS: Schema = { type: 'array', items: OBJECT }

export function chartValues(manager: ManagerDefaults): readonly (Value | Group)[] {
  return [
    {
      name: 'namespaces',
      meaning:
        "Namespaces to work in, without rights in the whole cluster. Empty: all namespaces. The release's own namespace is one of them only if it is named.",
      default: [],
      schema: { type: 'array', items: { type: 'string', pattern: DNS_LABEL } },
    },
    {
      name: 'flags',
      meaning: 'Flags of the manager, by their names. The comments show the defaults.',
      values: flagValues(),
    },
    {
      name: 'env',
      meaning: 'Environment variables of the manager. The comments show the defaults.',
      values: variableValues(),
    },
    {
      name: 'crds',
      meaning: 'The CRDs of SeiNode and SeiNodePool.',
      values: [
        toggle(
          'Install and upgrade the CRDs. An uninstall keeps them. False: an administrator installs them from config/crd.',
          true,
        ),
      ],
    },
    ...podValues(manager),
    ...accessValues(),
    monitoring(),
  ]
}

function podValues(manager: ManagerDefaults): readonly (Value | Group)[] {
  return [
    {
      name: 'image',
      meaning: 'The image of the operator.',
      values: [
        { name: 'repository', meaning: 'The name of the image.', default: manager.image, schema: nonEmptyString() },
        { name: 'tag', meaning: "The tag. Empty: the chart's appVersion.", default: '', schema: { type: 'string' } },
        {
          name: 'digest',
          meaning: 'The digest, such as `sha256:...`. Empty: none.',
          default: '',
          schema: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
        },
        {
          name: 'pullPolicy',
          meaning: 'When the kubelet pulls the image.',
          default: manager.pullPolicy,
          schema: { enum: ['Always', 'IfNotPresent', 'Never'] },
        },
      ],
    },
    {
      name: 'imagePullSecrets',
      meaning: 'Secrets of the registry, each as `name: NAME`.',
      default: [],
      schema: OBJECTS,
    },
    {
      name: 'replicas',
      meaning: 'Pods of the operator. One is the leader, the others take over.',
      default: manager.replicas,
      schema: { type: 'integer', minimum: 0 },
    },
    { name: 'resources', meaning: 'Requests and limits of the operator.', default: manager.resources, schema: OBJECT },
    {
      name: 'nodeSelector',
      meaning: 'Labels of the cluster nodes that run the operator.',
      default: {},
      schema: LABELS,
    },
    {
      name: 'affinity',
      meaning: 'Affinity of the pods. Helm merges it with the default.',
      default: manager.affinity,
      schema: OBJECT,
    },
    { name: 'tolerations', meaning: 'Taints that the pods tolerate.', default: [], schema: OBJECTS },
    { name: 'topologySpreadConstraints', meaning: 'How the pods are spread.', default: [], schema: OBJECTS },
    { name: 'priorityClassName', meaning: 'PriorityClass of the pods.', default: '', schema: { type: 'string' } },
    { name: 'podAnnotations', meaning: 'More annotations of the pods.', default: {}, schema: LABELS },
    { name: 'podLabels', meaning: 'More labels of the pods.', default: {}, schema: LABELS },
    {
      name: 'podDisruptionBudget',
      meaning: 'The PodDisruptionBudget, by which a drain evicts one pod at a time.',
      values: [toggle('Create the PodDisruptionBudget.', true)],
    },
  ]
}

function accessValues(): readonly (Value | Group)[] {
  return [
    {
      name: 'serviceAccount',
      meaning: "The operator's ServiceAccount, sei-k8s-controller-manager.",
      values: [
        {
          name: 'annotations',
          meaning: 'Annotations, such as `eks.amazonaws.com/role-arn` for peers from EC2 tags.',
          default: {},
          schema: LABELS,
        },
      ],
    },
    {
      name: 'metrics',
      meaning: 'How /metrics is served.',
      values: [
        {
          name: 'certificateSecret',
          meaning:
            'A Secret of type kubernetes.io/tls for HTTPS. Empty: a self-signed certificate. Not with `namespaces`: metrics are served by plain HTTP then.',
          default: '',
          schema: { type: 'string' },
        },
      ],
    },
    {
      name: 'networkPolicy',
      meaning: "The NetworkPolicy of the operator's pods, which admits only reads of metrics.",
      values: [
        toggle('Create the NetworkPolicy.', true),
        {
          name: 'metricsFrom',
          meaning: 'The `from` of the NetworkPolicy.',
          default: [{ namespaceSelector: { matchLabels: { metrics: 'enabled' } } }],
          schema: { ...OBJECTS, minItems: 1 },
        },
      ],
    },
  ]
}

function monitoring(): Group {
  return {
    name: 'monitoring',
    meaning: 'For the Prometheus Operator and Grafana.',
    values: [
      {
        name: 'labels',
        meaning: 'Labels of the objects below, such as `release: kube-prometheus-stack`.',
        default: {},
        schema: LABELS,
      },
      {
        name: 'serviceMonitor',
        meaning: 'The ServiceMonitor, by which Prometheus scrapes the operator.',
        values: [
          toggle('Create the ServiceMonitor.', false),
          {
            name: 'tlsConfig',
            meaning: 'How Prometheus verifies the certificate.',
            default: { insecureSkipVerify: true },
            schema: OBJECT,
          },
        ],
      },
      {
        name: 'prometheusRule',
        meaning: 'The PrometheusRule with the alerts.',
        values: [toggle('Create the PrometheusRule.', false)],
      },
      {
        name: 'dashboard',
        meaning: "The ConfigMap with the dashboard, which the sidecar of Grafana's chart loads.",
        values: [toggle('Create the ConfigMap.', false)],
      },
    ],
  }
}

function toggle(meaning: string, isOn: boolean): Value {
  return { name: 'enabled', meaning, default: isOn, schema: { type: 'boolean' } }
}

function nonEmptyString(): Schema {
  return { type: 'string', minLength: 1 }
}
