/** Refusals of the API server for a node's objects: the conditions and one event report each, and the node recovers. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, services, statefulSets } from '../../src/kube/resources.ts'
import { type Refused, refuse, webhookDown } from '../support/admission.ts'
import { NodeWatch } from '../support/node-watch.ts'
import { conditionOf, GENESIS_SPEC, isReady, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

const RETAINED = { ...GENESIS_SPEC, storage: { retainOnDelete: true } }
const WHY = 'changes are made by the storage team only'

suite('requests that are refused', { concurrency: 8 }, () => {
  let fixture: OperatorFixture
  let watch: NodeWatch

  before(async () => {
    fixture = await OperatorFixture.open()
    watch = new NodeWatch(fixture)
  })
  after(async () => {
    await watch[Symbol.asyncDispose]()
    await fixture[Symbol.asyncDispose]()
  })

  const of = (resource: string, operations: Refused['operations'], ...names: readonly string[]): Refused => ({
    namespace: fixture.namespace,
    names,
    operations,
    resources: [resource],
  })

  /** The node once its condition Reconciling has the reason, and holds all the texts. */
  async function untilSays(name: string, reason: string, ...texts: readonly string[]): Promise<SeiNode> {
    const node = await fixture.untilNode(name, reason, each => {
      const progress = conditionOf(each, 'Reconciling')
      return progress?.reason === reason && texts.every(text => progress.message.includes(text))
    })
    await fixture.untilEvent(name, reason)
    return node
  }

  async function eventCount(name: string, reason: string): Promise<number> {
    return (await fixture.eventsOf(name)).filter(event => event.reason === reason).length
  }

  async function untilGone(name: string): Promise<void> {
    await until(`SeiNode ${name} to be gone`, async () => ((await fixture.get(seiNodes, name)) ? undefined : true), {
      found: async () => ({ node: await fixture.get(seiNodes, name), operator: fixture.operator.log }),
    })
  }

  const remove = (node: SeiNode): Promise<boolean> =>
    fixture.client.delete(seiNodes, fixture.key(node.metadata.name), { uid: node.metadata.uid ?? '' })

  test('a webhook that is down when a node changes: not Ready for the new spec, which is applied when the webhook is up again', async () => {
    await fixture.create('changed')
    const { metadata } = await fixture.untilRunning('changed')
    const down = await webhookDown(of('apps/statefulsets', ['UPDATE'], 'changed'))
    await fixture.patch('changed', { spec: { image: 'sei-protocol/seid:v6.5.0' } })
    const says = ['apply statefulsets.apps', 'failed calling webhook "validate.down.example.com"', 'connection refused']
    const refused = await untilSays('changed', 'ApplyRefused', ...says)
    const ready = conditionOf(refused, 'Ready')
    assert.deepEqual([ready?.status, ready?.reason], ['Unknown', 'NewGeneration'])
    assert.match(ready?.message ?? '', /failed calling webhook/)
    const states = await watch.statesThrough(refused)
    const ofNew = states.filter(({ status }) => (status?.observedGeneration ?? 0) > (metadata.generation ?? 0))
    assert.deepEqual(new Set(ofNew.map(node => conditionOf(node, 'Ready')?.status)), new Set(['Unknown']))
    await down[Symbol.asyncDispose]()
    await fixture.untilNode('changed', 'Ready with its change', node => isReady(node) && isCurrent(node))
    assert.equal(
      (await fixture.get(statefulSets, 'changed'))?.spec?.template.spec?.containers[0]?.image,
      'sei-protocol/seid:v6.5.0',
    )
    assert.equal(await eventCount('changed', 'ApplyRefused'), 1)
  })

  for (const [name, resource, object] of [
    ['no-claim', '/persistentvolumeclaims', 'data-no-claim'],
    ['no-service', '/services', 'no-service'],
    ['no-set', 'apps/statefulsets', 'no-set'],
  ] as const) {
    test(`a webhook that is down when a node is created, for its ${resource.split('/')[1]}`, async () => {
      const down = await webhookDown(of(resource, ['CREATE'], object))
      await fixture.create(name)
      const plural = resource.split('/').toReversed().filter(Boolean).join('.')
      const node = await untilSays(
        name,
        'ApplyRefused',
        `apply ${plural} ${fixture.namespace}/${object}: 500 InternalError`,
      )
      assert.equal(conditionOf(node, 'Ready')?.status, 'False')
      await down[Symbol.asyncDispose]()
      await fixture.untilRunning(name)
      assert.equal(await eventCount(name, 'ApplyRefused'), 1)
    })
  }

  test('a finalizer that is refused: nothing is made before it is there', async () => {
    const policy = await refuse(of('sei.io/seinodes', ['UPDATE'], 'unmarked'), WHY)
    await fixture.create('unmarked')
    await untilSays('unmarked', 'ApplyRefused', `patch seinodes.sei.io ${fixture.namespace}/unmarked`, WHY)
    const found = await Promise.all([
      fixture.get(persistentVolumeClaims, 'data-unmarked'),
      fixture.get(services, 'unmarked'),
      fixture.get(statefulSets, 'unmarked'),
    ])
    assert.deepEqual(found, [undefined, undefined, undefined])
    await policy[Symbol.asyncDispose]()
    await fixture.untilRunning('unmarked')
    assert.equal(await eventCount('unmarked', 'ApplyRefused'), 1)
  })

  test('an owner reference that cannot be removed from the volume is reported, also by a paused node', async () => {
    await fixture.create('kept')
    await fixture.untilRunning('kept')
    const policy = await refuse(of('/persistentvolumeclaims', ['UPDATE'], 'data-kept'), WHY)
    await fixture.patch('kept', { spec: { paused: true, storage: RETAINED.storage } })
    const paused = await untilSays(
      'kept',
      'ApplyRefused',
      `patch persistentvolumeclaims ${fixture.namespace}/data-kept`,
      WHY,
    )
    assert.equal(conditionOf(paused, 'Paused')?.status, 'True')
    await fixture.patch('kept', { spec: { paused: false } })
    const resumed = await fixture.untilNode('kept', 'resumed', node => conditionOf(node, 'Paused')?.status === 'False')
    assert.equal(conditionOf(resumed, 'Ready')?.status, 'Unknown')
    assert.equal(conditionOf(resumed, 'Reconciling')?.reason, 'ApplyRefused')
    await policy[Symbol.asyncDispose]()
    await fixture.untilNode('kept', 'Ready', node => isReady(node) && isCurrent(node))
    assert.equal((await fixture.get(persistentVolumeClaims, 'data-kept'))?.metadata?.ownerReferences, undefined)
  })

  test('a status that is refused is reported by an event', async () => {
    await fixture.create('mute')
    const running = await fixture.untilRunning('mute')
    const policy = await refuse(of('sei.io/seinodes/status', ['UPDATE'], 'mute'), WHY)
    await fixture.patch('mute', { spec: { image: 'sei-protocol/seid:v6.5.0' } })
    await fixture.untilEvent('mute', 'StatusRefused', new RegExp(WHY))
    assert.equal((await fixture.get(seiNodes, 'mute'))?.status?.observedGeneration, running.metadata.generation)
    await policy[Symbol.asyncDispose]()
    await fixture.untilNode('mute', 'Ready with its change', node => isReady(node) && isCurrent(node))
  })

  for (const [name, resource, object, operation, says] of [
    ['stuck-claim', '/persistentvolumeclaims', 'data-stuck-claim', 'DELETE', 'delete persistentvolumeclaims'],
    ['stuck-set', 'apps/statefulsets', 'stuck-set', 'DELETE', 'delete statefulsets.apps'],
    ['stuck-node', 'sei.io/seinodes', 'stuck-node', 'UPDATE', 'patch seinodes.sei.io'],
  ] as const) {
    test(`a deletion that is refused says of what, and why: ${says}`, async () => {
      await fixture.create(name)
      const node = await fixture.untilRunning(name)
      const policy = await refuse(of(resource, [operation], object), WHY)
      await remove(node)
      const refused = await untilSays(name, 'DeleteRefused', `${says} ${fixture.namespace}/${object}`, WHY)
      assert.equal(refused.status?.phase, 'Terminating')
      await policy[Symbol.asyncDispose]()
      await untilGone(name)
      assert.equal(await eventCount(name, 'DeleteRefused'), 1)
    })
  }
})

function isCurrent(node: SeiNode): boolean {
  return conditionOf(node, 'Ready')?.observedGeneration === node.metadata.generation
}
