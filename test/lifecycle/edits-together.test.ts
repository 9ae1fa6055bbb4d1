/** Combined edits in any state of the node: one restart, and no start of seid in between. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { pods } from '../../src/kube/resources.ts'
import { conditionOf, GENESIS_SPEC } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'
import { PEER_A, restoreSpec, RESTORE_TASKS } from './specs.ts'

const NEXT = 'sei-protocol/seid:v6.5.0'

/** One start of seid: which seid, and the configuration that it reads. */
interface Start {
  readonly pod: string
  readonly image: string
  readonly app: string
}

const starts: Start[] = []
/** Pods whose seid ends at once while its configuration or its image matches. */
const broken = new Map<string, (start: Start) => boolean>()

function startsOf(node: LivingNode, since = 0): readonly string[] {
  return starts
    .filter(({ pod }) => pod === `${node.name}-0`)
    .slice(since)
    .map(({ image, app }) => `${image.split(':')[1]} ${/^halt-height = (\d+)$/m.exec(app)?.[1]}`)
}

suite('edits that belong together', { concurrency: 6 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open({
      node: {
        crashBackoff: { initialMs: 300, maxMs: 300 },
        seidEnds: ({ pod, image, read }) => {
          const start = { pod, image, app: read('config/app.toml') ?? '' }
          starts.push(start)
          return broken.get(pod)?.(start) ? { exitCode: 1, message: 'halting node' } : undefined
        },
      },
    })
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function crashing(name: string, spec: SpecInput, tasks?: readonly string[]): Promise<LivingNode> {
    broken.set(`${name}-0`, ({ app }) => app.includes('halt-height = 1000'))
    const node = await fixture.create(name, { ...spec, overrides: { 'chain.halt_height': '1000' } })
    await node.until('to crash', ({ status }) =>
      Boolean(status?.conditions?.some(({ reason }) => reason === 'CrashLooping')),
    )
    if (tasks)
      assert.deepEqual(
        node.executions.map(({ type }) => type),
        tasks,
      )
    return node
  }

  async function untilImage(node: LivingNode, image: string): Promise<void> {
    await until(`${node.name} to be Ready with ${image}`, async () => {
      const pod = await fixture.base.client.get(pods, node.pod)
      const isNew = pod?.spec?.containers.some(container => container.image === image)
      const ready = node.object && conditionOf(node.object, 'Ready')
      return (
        (isNew && ready?.status === 'True' && ready.observedGeneration === node.object?.metadata.generation) ||
        undefined
      )
    })
  }

  test('the pod fits on no machine: lower requests and another configuration in one edit make it run', async () => {
    const node = await fixture.running('unfit', { ...GENESIS_SPEC, image: NEXT })
    await node.change({ resources: { requests: { cpu: '100000' } } })
    await node.until('to fit nowhere', ({ status }) =>
      Boolean(status?.conditions?.some(({ reason }) => reason === 'AwaitingCapacity')),
    )
    const earlier = startsOf(node).length
    await node.change({ resources: { requests: { cpu: '1' } }, overrides: { 'chain.halt_height': '7' } })
    await node.becomes({
      tasks: ['config-apply', 'config-validate', 'mark-ready'],
      events: ['UpdateStarted', 'ConfigUpdated'],
      parts: { pod: 'new' },
    })
    assert.deepEqual(startsOf(node, earlier), ['v6.5.0 7'])
  })

  test('seid runs: configuration first, then one restart with both', async () => {
    const node = await fixture.running('runs')
    await node.change({ image: NEXT, overrides: { 'chain.halt_height': '5' } })
    await node.becomes({
      events: ['UpdateStarted', 'ConfigUpdated'],
      tasks: ['config-apply', 'config-validate', 'mark-ready'],
      parts: { pod: 'new' },
    })
    assert.deepEqual(startsOf(node), ['v6.4.0 0', 'v6.5.0 5'])
  })

  test('seid stops repeatedly: the new seid starts once, on the new configuration', async () => {
    const node = await crashing('crashes', GENESIS_SPEC)
    const known = startsOf(node).length
    await node.change({ image: NEXT, overrides: { 'chain.halt_height': '0' } })
    await untilImage(node, NEXT)
    assert.deepEqual([...new Set(startsOf(node, known))].at(-1), 'v6.5.0 0')
    assert.equal(startsOf(node).filter(start => start.startsWith('v6.5.0')).length, 1)
    assert.ok(!startsOf(node).includes('v6.4.0 0'), 'no old seid on the new configuration')
    node.forget()
  })

  test('seid stops repeatedly: an override alone reaches it by one restart, too', async () => {
    const node = await crashing('override', GENESIS_SPEC)
    await node.change({ overrides: null })
    await untilImage(node, GENESIS_SPEC.image)
    assert.deepEqual(new Set(startsOf(node)), new Set(['v6.4.0 1000', 'v6.4.0 0']))
    node.forget()
  })

  test('a node that has yet to sync its state: removing an override configures state sync again and takes effect', async () => {
    const peers = [{ static: { addresses: [PEER_A] } }]
    const node = await crashing('syncing', { ...restoreSpec(), peers }, RESTORE_TASKS)
    await node.change({ image: NEXT, overrides: null })
    await untilImage(node, NEXT)
    assert.deepEqual(
      startsOf(node).filter(start => start.startsWith('v6.5.0')),
      ['v6.5.0 0'],
    )
    const types = node.executions.map(({ type }) => type).slice(RESTORE_TASKS.length)
    assert.deepEqual(types, ['config-apply', 'discover-peers', 'configure-state-sync', 'config-validate', 'mark-ready'])
    const home = fixture.base.node.homeOf(fixture.base.key('data-syncing'))
    assert.match(home.read('config/config.toml') ?? '', /\[statesync\][^[]*enable = true/)
    node.forget()
  })

  test('a node that syncs its state and runs keeps its configuration until then, and reports what it waits for', async () => {
    fixture.base.node.setSeidReady(fixture.base.podKey('waits'), false)
    const node = await fixture.create('waits', { ...restoreSpec(), overrides: { 'chain.halt_height': '7' } })
    await node.until('to catch up', seen => conditionOf(seen, 'Ready')?.reason === 'CatchingUp')
    await node.change({ image: NEXT, overrides: null })
    const blocked = await node.until('to say why', seen =>
      (conditionOf(seen, 'Reconciling')?.message ?? '').includes('taking away chain.halt_height'),
    )
    assert.match(
      conditionOf(blocked, 'Reconciling')?.message ?? '',
      /waits until the node has caught up with the chain for the first time; the rest of the change waits with it\. To have it now, delete pod waits-0/,
    )
    await node.deletePod()
    fixture.base.node.setSeidReady(fixture.base.podKey('waits'), true)
    await untilImage(node, NEXT)
    assert.deepEqual(startsOf(node), ['v6.4.0 7', 'v6.5.0 0'])
    node.forget()
  })

  test('a sidecar that cannot be pulled is fixed together with the configuration', async () => {
    const node = await fixture.running('sidecar')
    await node.change({ sidecar: { image: 'seictl:does-not-exist' } })
    await node.until('to complain', seen => conditionOf(seen, 'Reconciling')?.reason === 'ImagePullFailed')
    await node.change({
      sidecar: { image: 'ghcr.io/sei-protocol/seictl:v0.0.25' },
      overrides: { 'chain.halt_height': '9' },
    })
    await node.until('to be Ready', seen => {
      const ready = conditionOf(seen, 'Ready')
      return ready?.status === 'True' && ready.observedGeneration === seen.metadata.generation
    })
    assert.deepEqual(startsOf(node), ['v6.4.0 0', 'v6.4.0 9'])
    node.forget()
  })
})
