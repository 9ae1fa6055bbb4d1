/** Changes of a running node's spec: what each makes of pod, sidecar and volume. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { pods, statefulSets } from '../../src/kube/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { GENESIS_SPEC, isReady } from '../support/operator-fixture.ts'
import { postedTasks } from '../support/posted-tasks.ts'
import { NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'
import { failing, PEER_A, PEER_B, UPDATE, UPDATE_WITH_PEERS } from './specs.ts'

/** One rolling restart: another pod on the same volume, marked ready. */
const RESTARTED = { tasks: ['mark-ready'], parts: { pod: 'new' } } as const
const UPDATED = { events: ['UpdateStarted', 'ConfigUpdated'], parts: { pod: 'new' } } as const

suite('changes of a running node', { concurrency: 10 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  const templates: readonly (readonly [name: string, change: object])[] = [
    ['image', { image: 'sei-protocol/seid:v6.5.0' }],
    ['entrypoint', { entrypoint: { command: ['seid'], args: ['start', '--home', '/sei', '--trace'] } }],
    ['resources', { resources: { requests: { cpu: '2', memory: '4Gi' } } }],
    ['sidecar-image', { sidecar: { image: 'ghcr.io/sei-protocol/seictl:v0.0.40' } }],
    ['sidecar-port', { sidecar: { port: 7000 } }],
    ['sidecar-resources', { sidecar: { resources: { limits: { memory: '1Gi' } } } }],
  ]
  for (const [name, change] of templates) {
    test(`${name}: one rolling restart, no task but mark-ready, and the same for the change back`, async () => {
      const node = await fixture.running(name)
      await node.change(change)
      await node.becomes(RESTARTED)
      await node.change(reverted(change))
      await node.becomes(RESTARTED)
    })
  }

  const configurations: readonly (readonly [name: string, change: Partial<SpecInput>, tasks: readonly string[]])[] = [
    ['overrides', { overrides: { 'evm.max_trace_lookback_blocks': '8555' } }, UPDATE],
    ['peers', { peers: [{ static: { addresses: [PEER_A, PEER_B] } }] }, UPDATE_WITH_PEERS],
    ['snapshot-generation', { snapshotGeneration: { keepRecent: 5 } }, UPDATE],
  ]
  for (const [name, change, tasks] of configurations) {
    test(`${name}: an update through the sidecar, then one restart, and the same for the change back`, async () => {
      const node = await fixture.running(name)
      await node.change(change)
      await node.becomes({ ...UPDATED, tasks })
      await node.change(reverted(change))
      await node.becomes({ ...UPDATED, tasks: UPDATE })
    })
  }

  test('an added override is applied incrementally; a removed one rewrites the whole configuration', async () => {
    const node = await fixture.running('modes')
    const applies = (): readonly unknown[] =>
      postedTasks(fixture.base.node.sidecarOf(node.pod)).flatMap(([type, params]) =>
        type === 'config-apply' ? [params] : [],
      )
    await node.change({ overrides: { 'storage.pruning': 'nothing' } })
    const first = fixture.base.node.sidecarOf(node.pod)
    await node.becomes({ ...UPDATED, tasks: UPDATE })
    assert.deepEqual(postedTasks(first).at(-2), [
      'config-apply',
      {
        mode: 'full',
        incremental: true,
        targetVersion: 0,
        overrides: { 'chain.moniker': 'modes', 'network.p2p.persistent_peers': '', 'storage.pruning': 'nothing' },
      },
    ])
    assert.deepEqual(applies(), [], 'the new pod is sent a mark-ready only')
    const second = fixture.base.node.sidecarOf(node.pod)
    await node.change({ overrides: null })
    await node.becomes({ ...UPDATED, tasks: UPDATE })
    assert.deepEqual(postedTasks(second).at(-2), [
      'config-apply',
      { mode: 'full', incremental: false, targetVersion: 0, overrides: { 'chain.moniker': 'modes' } },
    ])
    assert.match(configOf(node), /^pruning = "(nothing|default|custom)"$/m)
  })

  test('failure mode 16: configuration and image changed at once: no two tasks at a time, and both reach the node', async () => {
    const node = await fixture.running('both')
    await node.change({ image: 'sei-protocol/seid:v6.5.0', overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
    await node.until('both changes to be there', ({ status }) => status?.updatePlan?.phase === 'Complete')
    await node.until('to be Ready', isReadyNow)
    const pod = await fixture.base.client.get(pods, node.pod)
    assert.ok(pod?.spec?.containers.every(({ image }) => image === 'sei-protocol/seid:v6.5.0'))
    assert.match(configOf(node), /8555/)
    assert.deepEqual(
      node.executions.map(({ type }) => type).filter(type => type.startsWith('config-')),
      ['config-apply', 'config-validate', 'config-apply', 'config-validate'],
    )
    node.forget()
  })

  test('a failed update is reported and does not stop the node; a corrected one succeeds', async () => {
    const node = await fixture.running('mistaken')
    await node.change({ overrides: { 'storage.pruning': 'sometimes' } })
    await node.becomes({
      conditions: { Ready: 'UpdateFailed', Reconciling: 'UpdateFailed' },
      says: { Reconciling: ['task config-apply failed', 'storage.pruning', 'sei.io/retry-plan'] },
      tasks: ['config-apply'],
      events: ['UpdateStarted', 'UpdateFailed'],
    })
    await node.change({ overrides: { 'storage.pruning': 'nothing' } })
    await node.becomes({ ...UPDATED, tasks: UPDATE })
  })

  test('a retry resumes a failed update at its failed task', async () => {
    const node = await fixture.running('retried')
    const sidecar = fixture.base.node.sidecarOf(node.pod)
    fixture.behave('retried', { tasks: failing('config-validate', 1) })
    await fixture.base.node.restartSidecar(node.pod)
    await node.becomes({ tasks: ['mark-ready'] })
    assert.notEqual(fixture.base.node.sidecarOf(node.pod), sidecar)
    await node.change({ overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
    await node.becomes({
      conditions: { Ready: 'UpdateFailed', Reconciling: 'UpdateFailed' },
      tasks: ['config-apply', 'config-validate'],
      events: ['UpdateStarted', 'UpdateFailed'],
    })
    await node.retry('now')
    await node.becomes({
      tasks: ['config-validate', 'mark-ready'],
      events: ['UpdateRetried', 'ConfigUpdated'],
      parts: { pod: 'new' },
    })
  })

  test('a change that is reverted before it starts does not change the configuration', async () => {
    const { promise: block, resolve: unblock } = Promise.withResolvers()
    const node = await fixture.running('wavering')
    fixture.behave('wavering', { tasks: type => (type === 'config-validate' ? { block } : undefined) })
    await fixture.base.node.restartSidecar(node.pod)
    await node.becomes({ tasks: ['mark-ready'] })
    await node.change({ overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
    await node.untilTask('config-validate')
    await node.change({ overrides: null })
    unblock(undefined)
    await node.until('to be through', seen => isReadyNow(seen) && seen.status?.updatePlan?.phase === 'Complete')
    assert.doesNotMatch(configOf(node), /8555/)
    node.forget()
  })

  test('failure mode 23: Ready of an older spec ends with the first reconcile of the new one', async () => {
    const node = await fixture.running('stale')
    await node.change({ image: 'sei-protocol/seid:v6.5.0' })
    await node.becomes(RESTARTED)
    const first = fixture.view
      .historyOf('stale')
      .flatMap(({ kind, object }) => (kind === 'SeiNode' && isNode(object) ? [object] : []))
      .find(({ status }) => status?.observedGeneration === 2)
    const ready = first?.status?.conditions?.find(({ type }) => type === 'Ready')
    assert.equal(ready?.status, 'Unknown')
    assert.equal(ready.reason, 'NewGeneration')
  })

  test("an edit of the StatefulSet's template is reverted, by one restart", async () => {
    const node = await fixture.running('drifted')
    const body = { spec: { template: { spec: { terminationGracePeriodSeconds: 5 } } } }
    await fixture.base.client.patch(statefulSets, fixture.base.key('drifted'), body, { type: 'merge' })
    await node.until('the template to be back', () => {
      const set = fixture.view.statefulSets.get(fixture.view.key('drifted'))
      return set?.spec?.template.spec?.terminationGracePeriodSeconds === 120
    })
    await node.until('to be Ready on a pod of the template', seen => {
      const pod = fixture.view.pods.get(fixture.view.key('drifted-0'))
      return isReadyNow(seen) && pod?.spec?.terminationGracePeriodSeconds === 120
    })
    node.forget()
  })

  test('failure mode 22: labels and annotations of others on the node and its objects change nothing', async () => {
    const node = await fixture.running('labelled')
    const metadata = { labels: { team: 'infra' }, annotations: { 'example.com/note': 'mine' } }
    await fixture.base.patch('labelled', { metadata })
    await fixture.base.client.patch(statefulSets, fixture.base.key('labelled'), { metadata }, { type: 'merge' })
    await node.until('the label to be seen', ({ metadata: { labels } }) => {
      const set = fixture.view.statefulSets.get(fixture.view.key('labelled'))
      return labels?.['team'] === 'infra' && set?.metadata?.labels?.['team'] === 'infra'
    })
    await node.becomes({})
  })

  function configOf(node: LivingNode): string {
    const home = fixture.base.node.homeOf(fixture.base.key(`data-${node.name}`))
    return `${home.read('config/config.toml')}\n${home.read('config/app.toml')}`
  }
})

function isReadyNow(node: Readonly<SeiNode>): boolean {
  return node.status?.observedGeneration === node.metadata.generation && isReady(node)
}

function isNode(object: Readonly<KubeObject>): object is SeiNode {
  return object.apiVersion === 'sei.io/v1alpha1'
}

/** A merge patch that takes the change back. */
function reverted(change: object): object {
  return Object.fromEntries(Object.keys(change).map(key => [key, key === 'image' ? GENESIS_SPEC.image : null]))
}
