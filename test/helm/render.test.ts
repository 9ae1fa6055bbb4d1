/** The Helm chart and the kustomizations in config/ make the same objects, and values change what they mean to. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/kube/types.ts'
import { PLATFORM_VARIABLES } from '../../src/cli/environment.ts'
import { MANAGER_FLAGS, readManagerOptions } from '../../src/cli/manager-options.ts'
import { helm } from '../../testing/helm.ts'
import { ROOT } from '../../testing/root.ts'
import { inNewDirectory, render, type Rendered, renderOverlay } from '../deploy/rendered.ts'
import { CHART, NAMESPACE, renderChart, tryRender, type Values } from './chart.ts'

/** Objects by kind and name, as both ways to render them write them. */
function comparable({ objects }: Rendered): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    objects.map((object): [string, unknown] => {
      const { namespace = '', name = '' } = object.metadata ?? {}
      return [`${object.kind} ${namespace}/${name}`, JSON.parse(neutral(object))]
    }),
  )
}

function neutral(object: KubeObject): string {
  return JSON.stringify(object)
    .replace('"app.kubernetes.io/managed-by":"kustomize"', '"app.kubernetes.io/managed-by":"Helm"')
    .replace('--namespaces=$(POD_NAMESPACE)', `--namespaces=${NAMESPACE}`)
}

const MONITORING: Values = {
  'monitoring.serviceMonitor.enabled': true,
  'monitoring.prometheusRule.enabled': true,
  'monitoring.dashboard.enabled': true,
}

test('helm lint finds nothing in the chart', async () => {
  const output = await inNewDirectory(dir => helm(['lint', '--strict', CHART], dir))
  assert.match(output, /1 chart\(s\) linted, 0 chart\(s\) failed/)
})

test('without values the chart makes the objects of config/default', async () => {
  assert.deepEqual(comparable(await renderChart()), comparable(await render('config/default')))
})

test('with its own namespace alone the chart makes the objects of config/namespaced', async () => {
  const rendered = await renderChart({ namespaces: [NAMESPACE], 'crds.enabled': false })
  assert.deepEqual(comparable(rendered), comparable(await render('config/namespaced')))
})

test('another namespace has the objects of config/namespaced/watched', async () => {
  const rendered = await renderChart({ namespaces: ['team-a', 'team-b'], 'crds.enabled': false })
  const watched = await renderOverlay({
    'kustomization.yaml': 'resources: [BASE/config/namespaced/watched]\nnamespace: team-b\n',
  })
  assert.partialDeepStrictEqual(comparable(rendered), comparable(watched))
  const [manager] = rendered.only('Deployment').spec?.template.spec?.containers ?? []
  assert.ok(manager?.args?.includes('--namespaces=team-a,team-b'))
})

for (const [base, values] of [
  ['default', {}],
  ['namespaced', { namespaces: [NAMESPACE], 'crds.enabled': false }],
] as const) {
  test(`with monitoring the chart makes the objects of config/${base} and config/monitoring`, async () => {
    const kustomized = await renderOverlay({
      'kustomization.yaml': `resources: [BASE/config/${base}]\ncomponents: [BASE/config/monitoring]\n`,
    })
    // The component has an endpoint for each base; the one whose port the Service lacks is no target.
    const [port] = kustomized.only('Service').spec?.ports ?? []
    const monitor = kustomized.only('ServiceMonitor')
    const endpoints = monitor.spec.endpoints.filter(endpoint => endpoint.port === port?.name)
    const expected = { ...comparable(kustomized) }
    expected[`ServiceMonitor ${NAMESPACE}/${monitor.metadata?.name}`] = JSON.parse(
      neutral({ ...monitor, spec: { ...monitor.spec, endpoints } } as KubeObject),
    )
    assert.deepEqual(comparable(await renderChart({ ...values, ...MONITORING })), expected)
  })
}

function isOfCluster({ kind = '' }: KubeObject): boolean {
  return kind.startsWith('Cluster') || kind === 'CustomResourceDefinition'
}

test('a chart of named namespaces has no object of the whole cluster but the CRDs, and those only where they are wanted', async () => {
  const values = { namespaces: ['team-a'], ...MONITORING }
  const { objects } = await renderChart(values)
  assert.deepEqual(
    objects.filter(isOfCluster).map(({ kind }) => kind),
    ['CustomResourceDefinition', 'CustomResourceDefinition'],
  )
  const withoutCrds = await renderChart({ ...values, 'crds.enabled': false })
  assert.deepEqual(withoutCrds.objects.filter(isOfCluster), [])
})

test('every object of a namespace is in that of the release', async () => {
  const { objects } = await renderChart({ ...MONITORING }, 'elsewhere')
  assert.deepEqual(new Set(objects.map(({ metadata }) => metadata?.namespace)), new Set([undefined, 'elsewhere']))
  const subjects = JSON.stringify(objects.filter(({ kind }) => kind?.endsWith('Binding')))
  assert.ok(!subjects.includes(NAMESPACE))
})

test('flags and variables reach the manager, which accepts them', async () => {
  const rendered = await renderChart({
    flags: { 'max-restarting': 10_000, 'kubelet-insecure-tls': true, 'volume-interval': 0, 'log-level': 'debug' },
    env: { SEI_STORAGE_CLASS_PERF: 'io2-fast', SEI_RESOURCE_CPU_DEFAULT: 6, SEI_NODE_NETWORK_POLICIES: false },
  })
  const [manager] = rendered.only('Deployment').spec?.template.spec?.containers ?? []
  const given = (manager?.args ?? []).slice(1).map(arg => arg.replace(/^--/, '').split('='))
  const problems: string[] = []
  const options = readManagerOptions(
    Object.fromEntries(given.map(([name = '', value = 'true']) => [name, value.replace('$(POD_NAMESPACE)', 'own')])),
    problems,
  )
  assert.deepEqual(problems, [])
  assert.partialDeepStrictEqual(options, {
    maxRestarting: 10_000,
    kubeletInsecureTls: true,
    volumeInterval: 0,
    logLevel: 'debug',
  })
  assert.deepEqual(
    manager?.env?.filter(({ name }) => name.startsWith('SEI_')),
    [
      { name: 'SEI_NODE_NETWORK_POLICIES', value: 'false' },
      { name: 'SEI_RESOURCE_CPU_DEFAULT', value: '6' },
      { name: 'SEI_STORAGE_CLASS_PERF', value: 'io2-fast' },
    ],
  )
})

test('every default of a flag or variable is a value that the chart accepts', async () => {
  const numbers = /^\d+$/
  const flags = MANAGER_FLAGS.flatMap(({ name, value, default: fallback }) => {
    if (value === 'path' || value === 'name' || value === 'names' || value === 'address') return []
    if (name === 'leader-elect' || name === 'metrics-secure') return []
    return [[name, numbers.test(fallback) || value === 'true|false' ? JSON.parse(fallback) : fallback]]
  })
  const env = Object.values(PLATFORM_VARIABLES).flatMap(({ name, default: fallback }) =>
    name === 'POD_NAMESPACE' ? [] : [[name, fallback]],
  )
  const { code, stderr } = await tryRender({ flags: Object.fromEntries(flags), env: Object.fromEntries(env) })
  assert.equal(stderr, '')
  assert.equal(code, 0)
})

test('the values of the pod reach the Deployment', async () => {
  const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} }
  const digest = `sha256:${'a'.repeat(64)}`
  const rendered = await renderChart({
    image: { repository: 'registry.example/sei', tag: 'v9', digest, pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'registry' }],
    replicas: 3,
    'resources.limits.memory': '3Gi',
    nodeSelector: { pool: 'system' },
    tolerations: [{ operator: 'Exists' }],
    topologySpreadConstraints: [spread],
    priorityClassName: 'system-cluster-critical',
    podAnnotations: { 'example.com/a': 'b' },
    podLabels: { team: 'chain' },
    'metrics.certificateSecret': 'metrics-certificate',
    'podDisruptionBudget.enabled': false,
    'networkPolicy.enabled': false,
    'serviceAccount.annotations': { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/sei' },
  })
  const { spec } = rendered.only('Deployment')
  const [manager] = spec?.template.spec?.containers ?? []
  assert.equal(spec?.replicas, 3)
  assert.partialDeepStrictEqual(spec?.template, {
    metadata: {
      annotations: { 'example.com/a': 'b' },
      labels: { team: 'chain', 'control-plane': 'controller-manager' },
    },
    spec: {
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { pool: 'system' },
      tolerations: [{ operator: 'Exists' }],
      topologySpreadConstraints: [spread],
      priorityClassName: 'system-cluster-critical',
      volumes: [{ name: 'certs', secret: { secretName: 'metrics-certificate' } }],
    },
  })
  assert.equal(manager?.image, `registry.example/sei:v9@${digest}`)
  assert.equal(manager?.imagePullPolicy, 'Always')
  assert.deepEqual(manager?.resources, { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '3Gi' } })
  assert.deepEqual(manager?.volumeMounts, [{ name: 'certs', mountPath: '/certs', readOnly: true }])
  assert.ok(manager?.args?.includes('--metrics-cert-dir=/certs'))
  assert.deepEqual(rendered.names('PodDisruptionBudget'), [])
  assert.deepEqual(rendered.names('NetworkPolicy'), [])
  assert.deepEqual(rendered.only('ServiceAccount').metadata?.annotations, {
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/sei',
  })
})

const documented = [
  ...readFileSync(join(ROOT, 'docs/install.md'), 'utf8').matchAll(/^ {4}# values.yaml\n((?: {4}.*\n)+)/gm),
]

test('docs/install.md shows values', () => assert.ok(documented.length >= 3, `found ${documented.length}`))

for (const [, block = ''] of documented) {
  const values: Values = parse(block)
  test(`the values that docs/install.md shows are accepted: ${Object.keys(values).join(', ')}`, async () => {
    const { code, stderr } = await tryRender(values)
    assert.equal(stderr, '')
    assert.equal(code, 0)
  })
}

for (const dir of ['eks', 'kind']) {
  test(`the values of samples/${dir} are accepted`, async () => {
    const { code, stderr } = await tryRender(parse(readFileSync(join(ROOT, 'samples', dir, 'values.yaml'), 'utf8')))
    assert.equal(stderr, '')
    assert.equal(code, 0)
  })
}
