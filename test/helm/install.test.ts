/** Helm installs, upgrades, takes over and uninstalls the operator on a control plane of its own, where nodes run with the rights of the chart. */
import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1.d.ts'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import { parse, stringify } from 'yaml'
import { API_VERSION } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, serviceAccounts } from '../../src/kube/resources.ts'
import { resolveBinaries } from '../../testing/controlplane/binaries.ts'
import { type ControlPlane, startControlPlane } from '../../testing/controlplane/cluster.ts'
import { environmentOf } from '../../testing/controlplane/environment.ts'
import { helm } from '../../testing/helm.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { accountKubeconfig } from '../deploy/account-kubeconfig.ts'
import { inNewDirectory, renderOverlay } from '../deploy/rendered.ts'
import { FakeNodeFixture } from '../support/fake-node-fixture.ts'
import { installCRDs } from '../support/install-crds.ts'
import { conditionOf, GENESIS_SPEC, isReady } from '../support/operator-fixture.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { CHART, valueFlags, type Values } from './chart.ts'

const DEPLOYMENT = 'sei-k8s-controller-manager'
const CRD = 'seinodes.sei.io'
/** Nothing here runs the image: the tests start the operator themselves, as the Deployment has it. */
const NO_PODS: Values = { replicas: 0 }

let plane: ControlPlane

before(async () => {
  plane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(plane))
})
after(() => plane.stop())

async function release(verb: 'install' | 'upgrade', namespace: string, chart: string, values: Values, dir: string) {
  const flags = [`--namespace=${namespace}`, ...valueFlags({ ...NO_PODS, ...values })]
  await helm([verb, 'sei', chart, ...flags, ...(verb === 'install' ? ['--create-namespace'] : [])], dir)
}

/** Runs the operator with the arguments of the Deployment and the rights of its ServiceAccount. */
async function startOperator(namespace: string, dir: string): Promise<OperatorProcess> {
  const deployment: Deployment = JSON.parse(
    await kubectl(['get', 'deployment', DEPLOYMENT, '-n', namespace, '-o', 'json']),
  )
  const [manager] = deployment.spec?.template.spec?.containers ?? []
  const args = (manager?.args ?? [])
    .slice(1)
    .map(text => text.replace('$(POD_NAMESPACE)', namespace).replace(/=:\d+$/, '=127.0.0.1:0'))
  const operator = new OperatorProcess({ kubeconfig: await accountKubeconfig(DEPLOYMENT, namespace, dir), args })
  operator.start()
  return operator
}

async function createNode(fixture: FakeNodeFixture, name: string): Promise<void> {
  const metadata = fixture.key(name)
  await fixture.client.create(seiNodes, { apiVersion: API_VERSION, kind: 'SeiNode', metadata, spec: GENESIS_SPEC })
}

function untilRunning(fixture: FakeNodeFixture, name: string, operator: OperatorProcess): Promise<SeiNode> {
  const find = (): Promise<SeiNode | undefined> => fixture.client.get(seiNodes, fixture.key(name))
  return until(
    `SeiNode ${name} to be Running`,
    async () => {
      const node = await find()
      return node && isReady(node) ? node : undefined
    },
    { found: async () => ({ status: (await find())?.status, operator: operator.log }) },
  )
}

async function crd(): Promise<CustomResourceDefinition> {
  return JSON.parse(await kubectl(['get', 'crd', CRD, '-o', 'json']))
}

function specFields({ spec }: CustomResourceDefinition): readonly string[] {
  return Object.keys(spec.versions[0]?.schema?.openAPIV3Schema?.properties?.['spec']?.properties ?? {})
}

/** The chart as it was before the field `networkPolicy`. */
async function previousChart(dir: string): Promise<string> {
  const chart = join(dir, 'previous')
  await cp(CHART, chart, { recursive: true })
  const path = join(chart, 'files/crds/sei.io_seinodes.yaml')
  const definition: CustomResourceDefinition = parse(await readFile(path, 'utf8'))
  delete definition.spec.versions[0]?.schema?.openAPIV3Schema?.properties?.['spec']?.properties?.['networkPolicy']
  await writeFile(path, stringify(definition))
  const about = join(chart, 'Chart.yaml')
  await writeFile(about, (await readFile(about, 'utf8')).replace(/^version: .*$/m, 'version: 0.0.9'))
  return chart
}

async function clusterRoles(): Promise<string> {
  return kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name'])
}

async function openFixture(t: TestContext): Promise<FakeNodeFixture> {
  const fixture = await FakeNodeFixture.open({ defaultProfile: 'v0.0.25' })
  t.after(() => fixture.close())
  await fixture.client.create(serviceAccounts, { metadata: fixture.key('seid-node') })
  return fixture
}

test('a node becomes Running with the rights of the chart; an upgrade changes the CRDs; an uninstall leaves CRDs, SeiNode and volume', async t => {
  const fixture = await openFixture(t)
  await inNewDirectory(async dir => {
    const rolesBefore = await clusterRoles()
    const previous = await previousChart(dir)
    await release('install', 'sei-system', previous, {}, dir)
    assert.ok(!specFields(await crd()).includes('networkPolicy'))
    const operator = await startOperator('sei-system', dir)
    try {
      await createNode(fixture, 'a')
      const running = await untilRunning(fixture, 'a', operator)
      const earlier = await crd()

      await release('upgrade', 'sei-system', CHART, {}, dir)
      const upgraded = await crd()
      assert.equal(upgraded.metadata?.uid, earlier.metadata?.uid)
      assert.ok(specFields(upgraded).includes('networkPolicy'))
      const sidecarFrom = [{ podSelector: { matchLabels: { app: 'backup' } } }]
      await until('the API server to know the new field', async () => {
        const spec = { networkPolicy: { sidecarFrom } }
        const changed = await fixture.client.patch(seiNodes, fixture.key('a'), { spec }, { type: 'merge' })
        return changed.spec.networkPolicy
      })
      const changed = await untilRunning(fixture, 'a', operator)
      assert.equal(changed.metadata.uid, running.metadata.uid)

      // Going back, as docs/upgrade.md has it.
      await release('upgrade', 'sei-system', previous, { 'crds.enabled': false }, dir)
      assert.ok(specFields(await crd()).includes('networkPolicy'))

      assert.doesNotMatch(operator.log, /forbidden| 403 /i)
      await helm(['uninstall', 'sei', '--namespace=sei-system'], dir)
    } finally {
      await operator.stop()
    }
    assert.equal(await clusterRoles(), rolesBefore)
    assert.equal(
      await kubectl(['get', 'deployments,services,pdb,netpol,roles,sa', '-n', 'sei-system', '-o', 'name']),
      'serviceaccount/default\n',
    )
    const node = await fixture.client.get(seiNodes, fixture.key('a'))
    const claim = await fixture.client.get(persistentVolumeClaims, fixture.key('data-a'))
    for (const metadata of [(await crd()).metadata, node?.metadata, claim?.metadata]) {
      assert.ok(metadata?.uid)
      assert.equal(metadata.deletionTimestamp, undefined)
    }

    await release('install', 'sei-system', CHART, {}, dir)
    const next = await startOperator('sei-system', dir)
    try {
      await createNode(fixture, 'b')
      await untilRunning(fixture, 'b', next)
      const kept = await fixture.client.get(seiNodes, fixture.key('a'))
      assert.equal(kept?.metadata.uid, node?.metadata.uid)
    } finally {
      await next.stop()
      await helm(['uninstall', 'sei', '--namespace=sei-system'], dir)
    }
  })
})

test('with named namespaces the chart adds no ClusterRole, and nodes become Running there', async t => {
  const fixture = await openFixture(t)
  await installCRDs(fixture.client)
  await inNewDirectory(async dir => {
    const rolesBefore = await clusterRoles()
    await release('install', 'sei-namespaced', CHART, { namespaces: [fixture.namespace], 'crds.enabled': false }, dir)
    assert.equal(await clusterRoles(), rolesBefore)
    const operator = await startOperator('sei-namespaced', dir)
    try {
      await createNode(fixture, 'a')
      const running = await untilRunning(fixture, 'a', operator)
      assert.equal(conditionOf(running, 'SpecValid')?.status, 'True')
      assert.doesNotMatch(operator.log, /forbidden| 403 /i)
    } finally {
      await operator.stop()
      await helm(['uninstall', 'sei', '--namespace=sei-namespaced'], dir)
    }
  })
})

test('Helm takes over what kustomize installed: the same objects, none of them made anew', async () => {
  const namespace = 'sei-kustomized'
  await kubectl(['create', 'namespace', namespace])
  const rendered = await renderOverlay({
    'kustomization.yaml': `resources: [BASE/config/default]\nnamespace: ${namespace}\nreplicas: [{name: ${DEPLOYMENT}, count: 0}]\n`,
  })
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { stdin: rendered.yaml })
  const uids = (): Promise<string> =>
    kubectl(['get', '-f', '-', '-o', 'jsonpath={.items[*].metadata.uid}'], { stdin: rendered.yaml })
  const found = await uids()
  await inNewDirectory(async dir => {
    const flags = [`--namespace=${namespace}`, '--take-ownership', '--server-side=true', '--force-conflicts']
    await helm(['install', 'sei', CHART, ...flags, ...valueFlags(NO_PODS)], dir)
    assert.equal(await uids(), found)
    const managedBy = await kubectl([
      'get',
      'deployment',
      DEPLOYMENT,
      '-n',
      namespace,
      '-o',
      'jsonpath={.metadata.labels.app\\.kubernetes\\.io/managed-by}',
    ])
    assert.equal(managedBy, 'Helm')
    await helm(['uninstall', 'sei', `--namespace=${namespace}`], dir)
  })
  assert.ok((await crd()).metadata?.uid)
})
