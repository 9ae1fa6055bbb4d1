/** spec.paused: nothing is written to the node's objects and nothing is sent to its sidecar, until it is lifted. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { services, statefulSets } from '../../src/kube/resources.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { PAUSED } from './ending.ts'
import { GENESIS_TASKS, NodesFixture } from './nodes-fixture.ts'
import type { LivingNode } from './living-node.ts'
import { failing, UPDATE } from './specs.ts'

const NONE = { claim: 'gone', service: 'gone', statefulSet: 'gone', pod: 'gone' } as const
const PAUSED_SPEC = { ...GENESIS_SPEC, paused: true }

suite('pause', { concurrency: 10 }, () => {
  let fixture: NodesFixture

  before(async () => {
    fixture = await NodesFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('a node that is created paused gets all its conditions and none of its objects, until it is resumed', async () => {
    const node = await fixture.create('created', PAUSED_SPEC)
    await node.becomes({
      phase: 'Pending',
      base: PAUSED,
      conditions: { VolumeHealthy: 'NotChecked', Initialized: 'PlanPending' },
      says: { Paused: ['spec.paused is true', 'Set spec.paused to false'] },
      parts: NONE,
    })
    await node.change({ paused: false })
    await node.becomes({
      tasks: GENESIS_TASKS,
      events: ['PlanStarted', 'PlanComplete'],
      parts: { claim: 'new', service: 'new', statefulSet: 'new', pod: 'new' },
    })
  })

  test('changes of a paused node are applied when it is resumed, not before', async () => {
    const node = await fixture.running('changed')
    await paused(node)
    const contents = await fixture.contentsOf('changed')
    const requests = fixture.base.node.sidecarOf(node.pod).requests.length
    await node.change({ image: 'sei-protocol/seid:v6.5.0', overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
    await node.becomes({ base: PAUSED })
    assert.deepEqual(await fixture.contentsOf('changed'), contents)
    assert.equal(fixture.base.node.sidecarOf(node.pod).requests.length, requests)
    await node.change({ paused: false })
    await node.until('to run the new image with the new configuration', ({ status, metadata }) => {
      const pod = fixture.view.pods.get(fixture.view.key('changed-0'))
      const isNew = pod?.spec?.containers[0]?.image === 'sei-protocol/seid:v6.5.0'
      return isNew && status?.updatePlan?.phase === 'Complete' && status.observedGeneration === metadata.generation
    })
    assert.match(fixture.homeOf('data-changed')?.read('config/app.toml') ?? '', /8555/)
    node.forget()
  })

  test('changed and deleted objects of a paused node are repaired when it is resumed, not before', async () => {
    const node = await fixture.running('edited')
    await paused(node)
    await fixture.base.base.remove(services, 'edited')
    const body = { metadata: { labels: { 'sei.io/chain-id': 'nonsense' } } }
    await fixture.base.client.patch(statefulSets, fixture.base.key('edited'), body, { type: 'merge' })
    await node.becomes({ base: PAUSED, parts: { service: 'gone' } })
    await node.change({ paused: false })
    await node.becomes({ parts: { service: 'new' } })
    const set = await fixture.base.get(statefulSets, 'edited')
    assert.equal(set?.metadata?.labels?.['sei.io/chain-id'], 'arctic-1')
  })

  test('a sidecar that restarts under a paused node is marked ready when the node is resumed, not before', async () => {
    const node = await fixture.running('restarted')
    await paused(node)
    await fixture.base.node.restartSidecar(node.pod)
    await node.until('its sidecar to be seen to wait', () => {
      const pod = fixture.view.pods.get(fixture.view.key('restarted-0'))
      return (
        pod?.status?.initContainerStatuses?.some(({ name, started }) => name === 'sei-sidecar' && !started) === true
      )
    })
    await node.becomes({ base: PAUSED })
    await node.change({ paused: false })
    await node.becomes({ tasks: ['mark-ready'] })
  })

  test('R8: a bootstrap that is paused sends no further task, and resumes where it was', async () => {
    const { promise: block, resolve: unblock } = Promise.withResolvers()
    fixture.behave('early', { tasks: type => (type === 'config-apply' ? { block } : undefined) })
    const node = await fixture.create('early')
    await node.untilTask('config-apply')
    await node.change({ paused: true })
    await node.until('to be seen as paused', ({ status }) => status?.observedGeneration === 2)
    unblock(undefined)
    await node.becomes({
      phase: 'Initializing',
      base: PAUSED,
      conditions: { Initialized: 'PlanActive' },
      tasks: GENESIS_TASKS.slice(0, 2),
      events: ['PlanStarted'],
    })
    await node.change({ paused: false })
    await node.becomes({ tasks: GENESIS_TASKS.slice(2), events: ['PlanComplete'] })
  })

  test('a retry of a paused node waits until it is resumed', async () => {
    fixture.behave('retried', { tasks: failing('config-apply', 1) })
    const node = await fixture.create('retried')
    await node.until('its plan to fail', ({ status }) => status?.initPlan?.phase === 'Failed')
    await node.change({ paused: true })
    await node.retry('now')
    await node.becomes({
      phase: 'Failed',
      base: PAUSED,
      conditions: { Initialized: 'TaskFailed' },
      tasks: GENESIS_TASKS.slice(0, 2),
      events: ['PlanStarted', 'TaskFailed'],
    })
    await node.change({ paused: false })
    await node.becomes({ tasks: GENESIS_TASKS.slice(1), events: ['PlanRetried', 'PlanComplete'] })
  })

  test('a pod of a paused node that is deleted is recreated by its StatefulSet, and waits until the node is resumed', async () => {
    const node = await fixture.running('moved')
    await paused(node)
    await node.deletePod()
    await node.becomes({ phase: 'Initializing', base: PAUSED, parts: { pod: 'new' } })
    await node.change({ paused: false })
    await node.becomes({ tasks: ['mark-ready'] })
  })

  test('failure mode 17: retainOnDelete that is set while the node is paused takes effect at once', async () => {
    const node = await fixture.running('kept')
    await paused(node)
    await node.change({ storage: { retainOnDelete: true } })
    await node.until('the volume to have no owner', () => {
      const claim = fixture.view.claims.get(fixture.view.key('data-kept'))
      return claim?.metadata?.ownerReferences === undefined
    })
    await node.becomes({ base: PAUSED })
    await node.remove('Foreground')
    await node.isGone({ parts: { claim: 'same', service: 'gone', statefulSet: 'gone', pod: 'gone' } })
  })

  test('a configuration that is changed and reverted while the node is paused has no effect', async () => {
    const node = await fixture.running('indifferent')
    await paused(node)
    await node.change({ overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
    await node.becomes({ base: PAUSED })
    await node.change({ overrides: null, paused: null })
    await node.becomes({})
    await node.change({ overrides: { 'evm.max_trace_lookback_blocks': '8555' } })
    await node.becomes({ tasks: UPDATE, events: ['UpdateStarted', 'ConfigUpdated'], parts: { pod: 'new' } })
  })
})

async function paused(node: LivingNode): Promise<void> {
  await node.change({ paused: true })
  await node.becomes({ base: PAUSED })
}
