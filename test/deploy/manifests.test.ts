/** The kustomizations in config/: they render, the API server takes them as they are, and overlays change what they mean to. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import type { Service } from 'kubernetes-types/core/v1.d.ts'
import { SETTINGS_CONFIG_MAP } from '../../src/api/names.ts'
import { MANAGER_FLAGS } from '../../src/cli/manager-options.ts'
import { PLATFORM_VARIABLES } from '../../src/cli/environment.ts'
import manifest from '../../package.json' with { type: 'json' }
import type { KubeObject } from '../../src/kube/types.ts'
import { differences } from '../../src/lib/subset.ts'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'
import { readDashboard } from '../support/monitoring.ts'
import { until } from '../support/until.ts'
import { type Monitor, render, type Rendered, renderOverlay } from './rendered.ts'

const DEPLOYMENT = 'sei-k8s-controller-manager'
const namespace = `deploy-${randomBytes(4).toString('hex')}`

before(() => kubectl(['create', 'namespace', namespace]))
after(() => tryKubectl(['delete', 'namespace', namespace, '--wait=false']))

const OVERLAY = localBase(readFileSync(join(ROOT, 'samples/kustomize-overlay.yaml'), 'utf8'))

/** The kustomization with the copy in this checkout as its base, instead of the one on GitHub. */
function localBase(kustomization: string): string {
  return kustomization.replace(/github\.com\/\S*(\/config\/[\w/]+)\?ref=\S+/, 'BASE$1')
}

function namespaceFile(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`
}

/**
 * Applies everything, with all that the API server checks and each field known to it. What it stores is what was applied:
 * GitOps tools would see any difference for ever.
 */
async function applyToServer({ yaml, objects }: Rendered): Promise<void> {
  const flags = ['--server-side', '--force-conflicts', '--validate=strict', '--field-manager=deploy-tests']
  const { code, stdout, stderr } = await tryKubectl(['apply', ...flags, '-o', 'json', '-f', '-'], { stdin: yaml })
  assert.equal(stderr, '')
  assert.equal(code, 0)
  const answer: KubeObject & { readonly items?: readonly KubeObject[] } = JSON.parse(stdout)
  const stored = answer.items ?? [answer]
  const found = objects.flatMap((object, at) =>
    differences(object, stored[at]).map(difference => ({ kind: object.kind, name: object.metadata?.name, difference })),
  )
  assert.deepEqual(found, [])
}

for (const base of ['default', 'install', 'namespaced', 'namespaced/watched', 'crd', 'rbac/users']) {
  test(`R18: config/${base} renders, and the API server accepts every object of it unchanged`, async () => {
    await applyToServer(
      await renderOverlay({ 'kustomization.yaml': `resources: [BASE/config/${base}]\nnamespace: ${namespace}\n` }),
    )
  })
}

test('R17: every name begins with sei-k8s-, and the namespace is one that the user makes', async () => {
  const rendered = await render('config/default')
  const others = rendered.names().filter(name => !/^CustomResourceDefinition |^\w+ sei-k8s-/.test(name))
  assert.deepEqual(others, [])
  assert.deepEqual(rendered.names('Namespace'), [])
})

test('R18: the sample overlay, on this base, renders and applies', async () => {
  const rendered = await renderOverlay({
    'kustomization.yaml': OVERLAY,
    'namespace.yaml': namespaceFile('sei-k8s-controller-system'),
  })
  assert.equal(rendered.only('Deployment').metadata?.namespace, 'sei-k8s-controller-system')
  await applyToServer(rendered)
})

test('R18: patches of namespace, image, resources, replicas and environment take effect', async () => {
  const rendered = await renderOverlay({
    'namespace.yaml': namespaceFile(namespace),
    'kustomization.yaml': `${OVERLAY.replace('sei-k8s-controller-system', namespace)}
images:
  - name: ghcr.io/sei-protocol/sei-k8s-controller
    newName: 123456789012.dkr.ecr.us-east-2.amazonaws.com/sei/sei-k8s-controller
    newTag: abc
replicas:
  - name: ${DEPLOYMENT}
    count: 3
patches:
  - target: {kind: Deployment, name: ${DEPLOYMENT}}
    patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: ${DEPLOYMENT}}
      spec:
        template:
          spec:
            containers:
              - name: manager
                resources: {requests: {cpu: "2"}, limits: {memory: 3Gi}}
                env:
                  - {name: SEI_STORAGE_CLASS_PERF, value: fast}
  - target: {kind: Deployment, name: ${DEPLOYMENT}}
    patch: |-
      - {op: add, path: /spec/template/spec/containers/0/args/-, value: --log-level=debug}
`,
  })
  await applyToServer(rendered)
  const live: Deployment = JSON.parse(await kubectl(['get', 'deployment', DEPLOYMENT, '-n', namespace, '-o', 'json']))
  const [manager] = live.spec?.template.spec?.containers ?? []
  assert.equal(live.spec?.replicas, 3)
  assert.equal(manager?.image, '123456789012.dkr.ecr.us-east-2.amazonaws.com/sei/sei-k8s-controller:abc')
  assert.deepEqual(manager?.resources, {
    requests: { cpu: '2', memory: '256Mi' },
    limits: { memory: '3Gi' },
  })
  assert.ok(manager?.env?.some(({ name, value }) => name === 'SEI_STORAGE_CLASS_PERF' && value === 'fast'))
  assert.ok(manager?.args?.includes('--log-level=debug'))
  // Whoever moves the operator moves the one who gets its rights.
  const subjects = [
    ...(rendered.only('ClusterRoleBinding').subjects ?? []),
    ...(rendered.only('RoleBinding', 'sei-k8s-leader-election-rolebinding').subjects ?? []),
  ]
  assert.deepEqual(subjects, [
    { kind: 'ServiceAccount', name: 'sei-k8s-controller-manager', namespace },
    { kind: 'ServiceAccount', name: 'sei-k8s-controller-manager', namespace },
  ])
})

const documented = [...readFileSync(join(ROOT, 'docs/install.md'), 'utf8').matchAll(/(?:^ {4}.*\n)+/gm)].flatMap(
  ([block]) => (/^ {4}patches:$/m.test(block) ? [block.replaceAll(/^ {4}/gm, '')] : []),
)

test('docs/install.md shows patches', () => assert.ok(documented.length >= 3, `found ${documented.length}`))

for (const block of documented) {
  const [, change] = /^ +((?:value|eks)[^]*?)\n/m.exec(block) ?? []
  test(`R18: the patch that docs/install.md shows applies: ${change}`, async () => {
    const base = /^resources:$/m.test(block) ? '' : 'resources: [BASE/config/default]\n'
    const patched = localBase(block.replace(/^namespace: .*\n/m, ''))
    const rendered = await renderOverlay({ 'kustomization.yaml': `${base}namespace: ${namespace}\n${patched}` })
    assert.ok(rendered.yaml.includes((change ?? '').replace(/^value: /, '')))
    await applyToServer(rendered)
  })
}

for (const base of ['default', 'namespaced']) {
  test(`config/${base} starts the manager with flags and variables that it knows, in the image of this version`, async () => {
    const [manager] = (await render(`config/${base}`)).only('Deployment').spec?.template.spec?.containers ?? []
    const [command, ...flags] = manager?.args ?? []
    assert.equal(command, 'manager')
    const known: ReadonlySet<string> = new Set(MANAGER_FLAGS.map(({ name }) => name))
    assert.deepEqual(
      flags.map(flag => /^--([a-z-]+)/.exec(flag)?.[1] ?? flag).filter(flag => !known.has(flag)),
      [],
    )
    const variables = new Set(['POD_NAME', 'POD_NAMESPACE'])
    for (const { name } of Object.values(PLATFORM_VARIABLES)) variables.add(name)
    assert.deepEqual(
      (manager?.env ?? []).map(({ name }) => name).filter(name => !variables.has(name)),
      [],
    )
    assert.equal(manager?.image, `ghcr.io/sei-protocol/sei-k8s-controller:v${manifest.version}`)
  })
}

test('two replicas on separate nodes, of which a drain evicts one; the pod meets the restricted Pod Security Standard', async () => {
  const deployment = (await render('config/default')).only('Deployment')
  assert.equal(deployment.spec?.replicas, 2)
  assert.ok(deployment.spec?.template.spec?.affinity?.podAntiAffinity)
  const restricted = `${namespace}-restricted`
  await kubectl(['create', 'namespace', restricted])
  try {
    await kubectl(['label', 'namespace', restricted, 'pod-security.kubernetes.io/enforce=restricted'])
    await until('its ServiceAccount', async () => {
      return (await tryKubectl(['get', 'serviceaccount', 'default', '-n', restricted])).code === 0 || undefined
    })
    const { serviceAccountName: _, ...spec } = deployment.spec?.template.spec ?? {}
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'manager', namespace: restricted }, spec }
    await kubectl(['create', '--dry-run=server', '-f', '-'], { stdin: JSON.stringify(pod) })
  } finally {
    await tryKubectl(['delete', 'namespace', restricted, '--wait=false'])
  }
})

test('metrics are admitted from every namespace that is labelled "metrics: enabled", as docs/install.md says', async () => {
  const [rule] = (await render('config/default')).only('NetworkPolicy').spec?.ingress ?? []
  assert.deepEqual(rule?.from, [{ namespaceSelector: { matchLabels: { metrics: 'enabled' } } }])
  assert.match(readFileSync(join(ROOT, 'docs/install.md'), 'utf8'), /kubectl label namespace \w+ metrics=enabled\n/)
})

test('config/namespaced has no cluster-scoped permissions', async () => {
  for (const base of ['config/namespaced', 'config/namespaced/watched']) {
    const kinds = (await render(base)).objects.map(({ kind }) => kind)
    assert.deepEqual(
      kinds.filter(kind => kind?.startsWith('Cluster') || kind === 'CustomResourceDefinition' || kind === 'Namespace'),
      [],
    )
  }
})

function userWith(role: string): string {
  return `${role}-${namespace}`
}

async function can(role: string, ...what: readonly string[]): Promise<boolean> {
  const { stdout } = await tryKubectl(['auth', 'can-i', ...what, '-n', namespace, `--as=${userWith(role)}`])
  return stdout.startsWith('yes')
}

test('whoever may view, edit or administer a namespace may do so with its SeiNodes', async () => {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', join(ROOT, 'config/default')])
  for (const role of ['view', 'edit', 'admin']) {
    await kubectl(['create', 'rolebinding', role, '-n', namespace, `--clusterrole=${role}`, `--user=${userWith(role)}`])
  }
  // A controller of Kubernetes adds the rules.
  await until('the rules to reach view', async () => (await can('view', 'list', 'seinodes')) || undefined)
  await until('the rules to reach edit', async () => (await can('edit', 'delete', 'seinodepools')) || undefined)
  await until('the rules to reach admin', async () => {
    return (await can('admin', 'update', 'seinodes', '--subresource=status')) || undefined
  })
  assert.equal(await can('view', 'create', 'seinodes'), false)
  assert.equal(await can('edit', 'update', 'seinodes', '--subresource=status'), false)
})

async function mayEveryoneRead(what: string): Promise<boolean> {
  const asUser = ['--as=somebody', '--as-group=system:authenticated']
  const { stdout } = await tryKubectl(['auth', 'can-i', 'get', what, '-n', 'sei-k8s-controller-system', ...asUser])
  return stdout.startsWith('yes')
}

test('every user may read the settings of the operator and whether one leads, and nothing else there', async () => {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', join(ROOT, 'config/default')])
  await until('the role', async () => (await mayEveryoneRead(`configmaps/${SETTINGS_CONFIG_MAP}`)) || undefined)
  assert.equal(await mayEveryoneRead('leases/sei-k8s-controller'), true)
  assert.deepEqual(await Promise.all(['configmaps/other', 'leases/other', 'pods/any'].map(mayEveryoneRead)), [
    false,
    false,
    false,
  ])
})

test('the operator may write the ConfigMap of its settings, and no other of its namespace', async () => {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', join(ROOT, 'config/default')])
  const as = '--as=system:serviceaccount:sei-k8s-controller-system:sei-k8s-controller-manager'
  const apply = (name: string) => {
    const metadata = { name, namespace: 'sei-k8s-controller-system' }
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} })
    // An apply of a new object needs both verbs, also where nothing is stored: others look for settings in that namespace.
    // Without validation kubectl sends the apply alone.
    return tryKubectl(['apply', '--server-side', '--dry-run=server', '--validate=false', as, '-f', '-'], { stdin })
  }
  await until('the role', async () => (await apply(SETTINGS_CONFIG_MAP)).code === 0 || undefined)
  const { code, stderr } = await apply('other')
  assert.notEqual(code, 0)
  assert.match(stderr, /configmaps "other" is forbidden/)
})

test('the role that reads metrics reads nothing else', async () => {
  const { rules } = (await render('config/default')).only('ClusterRole', 'sei-k8s-metrics-reader')
  assert.deepEqual(rules, [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }])
})

for (const [base, scheme] of [
  ['default', 'https'],
  ['namespaced', 'http'],
] as const) {
  test(`config/prometheus monitors the port of config/${base}, by ${scheme.toUpperCase()}`, async () => {
    const rendered = await renderOverlay({
      'kustomization.yaml': `resources: [BASE/config/${base}]\ncomponents: [BASE/config/prometheus]\n`,
    })
    const [manager] = rendered.only('Deployment').spec?.template.spec?.containers ?? []
    const [port, ...others] = rendered.only('Service').spec?.ports ?? []
    assert.deepEqual(others, [])
    const monitor = rendered.only('ServiceMonitor')
    const { endpoints } = monitor.spec
    assert.equal(monitor.metadata?.name, 'sei-k8s-controller-manager-metrics-monitor')
    assertMonitors(monitor, rendered.only('Service'))
    assert.deepEqual(
      endpoints.filter(endpoint => endpoint.port === port?.name).map(endpoint => endpoint.scheme),
      [scheme],
    )
    const listening = manager?.ports?.find(({ name }) => name === port?.targetPort)?.containerPort
    assert.equal(listening, port?.port)
    assert.ok(manager?.args?.includes(`--metrics-bind-address=:${listening}`))
    assert.equal(manager?.args?.includes('--metrics-secure=false') ?? false, scheme === 'http')
  })

  test(`config/prometheus follows config/${base} to the namespace of an overlay`, async () => {
    const rendered = await renderOverlay({
      'kustomization.yaml': `namespace: elsewhere\nresources: [BASE/config/${base}]\ncomponents: [BASE/config/prometheus]\n`,
    })
    assert.equal(rendered.only('Service').metadata?.namespace, 'elsewhere')
    assertMonitors(rendered.only('ServiceMonitor'), rendered.only('Service'))
  })
}

test('config/monitoring adds rules, a dashboard that Grafana finds, and config/prometheus to the namespace of an overlay', async () => {
  const rendered = await renderOverlay({
    'kustomization.yaml': `namespace: elsewhere\nresources: [BASE/config/default]\ncomponents: [BASE/config/monitoring]\n`,
  })
  assertMonitors(rendered.only('ServiceMonitor'), rendered.only('Service'))
  assert.equal(rendered.only('PrometheusRule').metadata?.namespace, 'elsewhere')
  const { metadata, data = {} } = rendered.only('ConfigMap')
  assert.equal(metadata?.namespace, 'elsewhere')
  assert.equal(metadata?.labels?.['grafana_dashboard'], '1')
  assert.deepEqual(JSON.parse(data['sei-k8s-controller.json'] ?? ''), readDashboard())
})

/** A ServiceMonitor without a namespaceSelector selects Services of its own namespace, by their labels. */
function assertMonitors(monitor: Monitor, service: Service): void {
  assert.equal(monitor.metadata?.namespace, service.metadata?.namespace)
  const { matchLabels } = monitor.spec.selector
  assert.ok(Object.keys(matchLabels).length > 0)
  assert.partialDeepStrictEqual(service.metadata?.labels, matchLabels)
}
