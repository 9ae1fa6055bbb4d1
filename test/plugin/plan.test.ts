/** `kubectl sei plan`: what it says is what follows. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { API_VERSION, SETTINGS_CONFIG_MAP } from '../../src/api/names.ts'
import type { SeiNodePool } from '../../src/api/seinodepool.ts'
import { configMaps } from '../../src/kube/resources.ts'
import { type Difference, differences } from '../../src/lib/subset.ts'
import type { Report } from '../../src/plugin/plan/report.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { until } from '../support/until.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { isRecurring } from '../support/posted-tasks.ts'
import { documentedRole } from './plugin-page.ts'
import { PluginFixture, type Result } from './plugin-fixture.ts'

const NEXT = 'sei-protocol/seid:v6.5.0'
/** A whole network on a machine that runs other tests. */
const DEADLINE_MS = 120_000

suite('kubectl sei plan', { concurrency: 3 }, () => {
  let fixture: PluginFixture
  let published: readonly string[]

  before(async () => {
    const operators = `operators-${crypto.randomUUID().slice(0, 8)}`
    await kubectl(['create', 'namespace', operators])
    fixture = await PluginFixture.open({
      operator: { args: [`--leader-election-namespace=${operators}`], env: { POD_NAMESPACE: operators } },
    })
    published = ['--operator-namespace', operators]
    await until('the settings to be published', async () => {
      const settings = { namespace: operators, name: SETTINGS_CONFIG_MAP }
      return (await fixture.pools.client.get(configMaps, settings)) ? true : undefined
    })
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function planned(
    manifest: object | string,
  ): Promise<{ readonly code: number | null; readonly report: Report }> {
    const { code, stdout, stderr } = await run(manifest, '-o', 'json')
    assert.equal(stderr, '')
    const { items }: { readonly items: readonly Report[] } = JSON.parse(stdout)
    const [report] = items
    assert.ok(report && items.length === 1)
    return { code, report }
  }

  function written(manifest: object | string): Promise<string> {
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
    return fixture.file(`${crypto.randomUUID()}.yaml`, text)
  }

  async function run(manifest: object | string, ...args: readonly string[]): Promise<Result> {
    const file = typeof manifest === 'string' ? manifest : await written(manifest)
    return fixture.run(['plan', '-f', file, ...published, ...args])
  }

  /** The objects that were to be created are there, as they were to be. */
  async function assertCreated({ objects }: Report): Promise<void> {
    for (const { kind, name, action, object } of objects) {
      assert.equal(action, 'create', `${kind} ${name}`)
      const found: unknown = JSON.parse(await kubectl(['get', kind, name, '-n', fixture.namespace, '-o', 'json']))
      assert.deepEqual(differences(object, found).filter(isKnown), [], `${kind} ${name}`)
    }
  }

  /** @param words for values that nobody knew */
  async function assertTasks(
    { tasks }: Report,
    node: string,
    words: ReadonlyMap<string, string> = new Map(),
  ): Promise<void> {
    const inWords = (value: unknown): unknown =>
      JSON.parse([...words].reduce((text, [known, word]) => text.replaceAll(known, word), JSON.stringify(value)))
    const executed = fixture.pools.node.executionsOf(fixture.pools.base.podKey(node))
    const sent = ({ type, params = {} }: { readonly type: string; readonly params?: unknown }) => ({
      type,
      params: inWords(params),
    })
    // The clock decides when recurring work runs.
    assert.deepEqual(
      executed.filter(({ type }) => !isRecurring(type)).map(sent),
      tasks.filter(task => task.node === node).map(sent),
    )
  }

  for (const sample of ['seinode-mainnet-0', 'seinode-shadow-replayer']) {
    test(`${sample}: the objects and tasks of a new node are as planned`, async () => {
      const file = join(ROOT, 'samples', `${sample}.yaml`)
      const { code, report } = await planned(file)
      assert.deepEqual([code, report.action, report.restarts, report.failures], [1, 'create', [], []])
      const kinds = report.objects.map(({ kind }) => kind).toSorted()
      assert.deepEqual(kinds, ['NetworkPolicy', 'PersistentVolumeClaim', 'Service', 'StatefulSet'])
      await kubectl(['apply', '-n', fixture.namespace, '-f', file])
      await fixture.pools.base.untilRunning(report.name, DEADLINE_MS)
      await assertCreated(report)
      await assertTasks(report, report.name)
    })
  }

  test('seinodepool-devnet: the objects, Jobs and tasks of a new network are as planned, and the restarts for another image', async () => {
    const file = join(ROOT, 'samples', 'seinodepool-devnet.yaml')
    const { code, report } = await planned(file)
    assert.deepEqual([code, report.action, report.restarts, report.failures], [1, 'create', [], []])
    assert.deepEqual(report.jobs, [report.name + '-genesis', ...[0, 1, 2, 3].map(at => `${report.name}-prep-${at}`)])
    await kubectl(['apply', '-n', fixture.namespace, '-f', file])
    const pool = await fixture.pools.untilReady(report.name)
    await assertCreated(report)
    for (const { name = '' } of pool.status?.nodes ?? []) await assertTasks(report, name, wordsOf(pool))

    await using view = await NamespaceView.open(fixture.pools.client, fixture.namespace)
    const restarted: string[] = []
    view.pods.subscribe(change => {
      if (change.type === 'deleted') restarted.push(change.object.metadata?.name ?? '')
    })
    const changed = (await readFile(file, 'utf8')).replace(/image: .*/, `image: ${NEXT}`)
    const next = await written(changed)
    const change = (await planned(next)).report
    assert.deepEqual(change.failures, [])
    await kubectl(['apply', '-n', fixture.namespace, '-f', next])
    await fixture.pools.untilEvent(report.name, 'RolledOut')
    await fixture.pools.untilReady(report.name)
    const ofPool = (): readonly string[] => restarted.filter(name => name.startsWith(report.name))
    await until('the watch to have seen the restarts', () => ofPool().length >= change.restarts.length || undefined)
    assert.deepEqual(
      change.restarts.map(({ pod }) => pod),
      ofPool(),
    )
    assert.equal((await planned(next)).code, 0)
  })

  test('text, exit codes and refusals', async () => {
    await fixture.pools.base.create('rpc-0')
    await fixture.pools.base.untilRunning('rpc-0')
    const same = await run(nodeManifest('rpc-0'))
    assert.equal(same.code, 0, same.stdout + same.stderr)
    const port = await run(nodeManifest('rpc-0', { sidecar: { port: 7000 } }))
    assert.equal(port.code, 1)
    assert.match(
      port.stdout,
      /^SeiNode \S+\/rpc-0 changes\n {2}spec\.sidecar\.port\n {4}\+ 7000\n\nObjects\n {2}~ Service rpc-0\n/,
    )
    assert.match(port.stdout, /\nRestarts\n {2}1\. rpc-0-0\n/)
    const refused = await run(nodeManifest('rpc-0', { chainId: 'atlantic-2' }))
    assert.equal(refused.code, 2)
    assert.match(refused.stdout, /is refused by the API server\n.*chainId is immutable/s)
    const other = await run({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' } })
    assert.equal(other.code, 2)
    assert.match(
      other.stderr,
      /^skipped: Secret keys: not a SeiNode or SeiNodePool\nerror: .*no SeiNode or SeiNodePool/,
    )
    const missing = await run('no-such-file.yaml')
    assert.deepEqual([missing.code, missing.stdout], [2, ''])
    assert.match(missing.stderr, /^error: the manifests cannot be read: .*no-such-file\.yaml/)
  })

  test('the documented rights are enough, and what they do not show is told', async () => {
    const viewer = await fixture.kubeconfigOf('planner', documentedRole('kubectl-sei-viewer'))
    const file = await written(nodeManifest('new-0'))
    const args = ['plan', '-f', file, ...published]
    const denied = await fixture.run(args, { env: { KUBECONFIG: viewer } })
    assert.equal(denied.code, 2)
    assert.match(denied.stderr, /^error: you may not patch seinodes\.sei\.io in namespace /)
    const rules = [{ apiGroups: ['sei.io'], resources: ['seinodes'], verbs: ['patch', 'create'] }]
    const view = documentedRole('kubectl-sei-viewer')
    const planner = await fixture.kubeconfigOf('writer', { ...view, rules: [...(view.rules ?? []), ...rules] })
    const { code, stdout, stderr } = await fixture.run(args, { env: { KUBECONFIG: planner } })
    assert.equal(code, 1, stderr)
    assert.match(stdout, /you may not list StorageClasses/)
    assert.match(stdout, /so the defaults are assumed/)
  })
})

function nodeManifest(name: string, spec: object = {}): object {
  return { apiVersion: API_VERSION, kind: 'SeiNode', metadata: { name }, spec: { ...GENESIS_SPEC, ...spec } }
}

function wordsOf({ status }: SeiNodePool): ReadonlyMap<string, string> {
  return new Map((status?.nodes ?? []).map(({ name, nodeId = '' }) => [nodeId, `<node id of ${name}>`] as const))
}

/** UIDs, and what a ceremony makes, are known afterwards. */
function isKnown({ path, wanted }: Difference): boolean {
  return !/^metadata\.(ownerReferences|annotations)/.test(path) && !JSON.stringify(wanted).includes('<')
}
