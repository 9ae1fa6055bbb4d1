/** Refusals of the API server for a pool's objects: the conditions and one event report each, and the pool recovers. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { jobs, persistentVolumeClaims } from '../../src/kube/resources.ts'
import { type Refused, refuse, webhookDown } from '../support/admission.ts'
import { until } from '../support/until.ts'
import { poolCondition, PoolFixture } from './pool-fixture.ts'

const WHY = 'networks are changed by the network team only'

suite('requests that are refused', { concurrency: 8 }, () => {
  let fixture: PoolFixture
  before(async () => {
    fixture = await PoolFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  const of = (resource: string, operations: Refused['operations'], ...names: readonly string[]): Refused => ({
    namespace: fixture.base.namespace,
    names,
    operations,
    resources: [resource],
  })

  /** Resolves when the pool's condition Reconciling has the reason and all texts, and an event reports it. */
  async function untilSays(name: string, reason: string, ...texts: readonly string[]): Promise<void> {
    await fixture.until(name, `${reason}: ${texts.join(', ')}`, pool => {
      const progress = poolCondition(pool, 'Reconciling')
      return progress?.reason === reason && texts.every(text => progress.message.includes(text))
    })
    await fixture.untilEvent(name, reason)
  }

  async function eventCount(name: string, reason: string): Promise<number> {
    return (await fixture.eventsOf(name)).filter(each => each === reason).length
  }

  test('a webhook that is down when its Job is created', async () => {
    const down = await webhookDown(of('batch/jobs', ['CREATE'], 'born-genesis'))
    await fixture.create('born', 1)
    await untilSays('born', 'ApplyRefused', 'apply jobs.batch', 'failed calling webhook "validate.down.example.com"')
    await down[Symbol.asyncDispose]()
    await fixture.untilReady('born')
    assert.equal(await eventCount('born', 'ApplyRefused'), 1)
  })

  test('a webhook that is down when a node is changed: the pool is not Ready for the new spec', async () => {
    await fixture.create('changed', 1)
    await fixture.untilReady('changed')
    const down = await webhookDown(of('sei.io/seinodes', ['UPDATE'], 'changed-0'))
    const { metadata } = await fixture.patch('changed', {
      spec: { nodeConfiguration: { image: 'sei-protocol/seid:v6.5.0' } },
    })
    await untilSays('changed', 'ApplyRefused', 'apply seinodes.sei.io', 'failed calling webhook')
    const ready = await fixture.untilReason('changed', 'Ready', 'NewGeneration')
    assert.deepEqual([ready.status, ready.observedGeneration], ['Unknown', metadata.generation])
    await down[Symbol.asyncDispose]()
    await fixture.untilReady('changed')
    assert.equal((await fixture.seiNode('changed-0')).spec.image, 'sei-protocol/seid:v6.5.0')
    assert.equal(await eventCount('changed', 'ApplyRefused'), 1)
  })

  for (const [name, resource, says] of [
    ['no-policy', 'networking.k8s.io/networkpolicies', 'apply networkpolicies.networking.k8s.io'],
    ['no-budget', 'policy/poddisruptionbudgets', 'apply poddisruptionbudgets.policy'],
  ] as const) {
    test(`a webhook that is down for an object beside the nodes: ${says}`, async () => {
      const down = await webhookDown(of(resource, ['CREATE'], name))
      await fixture.create(name, 1)
      await untilSays(name, 'ApplyRefused', says, 'failed calling webhook')
      await down[Symbol.asyncDispose]()
      await fixture.untilReady(name)
      assert.equal(await eventCount(name, 'ApplyRefused'), 1)
    })
  }

  test('a finalizer that is refused: nothing is made before it is there', async () => {
    const policy = await refuse(of('sei.io/seinodepools', ['UPDATE'], 'unmarked'), WHY)
    await fixture.create('unmarked', 1)
    await untilSays('unmarked', 'ApplyRefused', 'patch seinodepools.sei.io', WHY)
    assert.equal(await fixture.base.get(persistentVolumeClaims, 'unmarked-genesis-data'), undefined)
    assert.equal(await fixture.base.get(jobs, 'unmarked-genesis'), undefined)
    await policy[Symbol.asyncDispose]()
    await fixture.untilReady('unmarked')
  })

  test('a refused deletion of a failed Job is reported', async () => {
    await fixture.create('redone', 1, { nodeConfiguration: { nodeCount: 1, image: 'sei/does-not-exist:v1' } })
    await fixture.untilReason('redone', 'GenesisComplete', 'JobStuck')
    const policy = await refuse(of('batch/jobs', ['DELETE'], 'redone-genesis'), WHY)
    await fixture.patch('redone', { spec: { nodeConfiguration: { image: 'sei-protocol/seid:v6.4.0' } } })
    await untilSays('redone', 'ApplyRefused', 'delete jobs.batch', WHY)
    await policy[Symbol.asyncDispose]()
    await fixture.untilReady('redone')
  })

  for (const [name, resource, object, operation, says] of [
    ['stuck-claim', '/persistentvolumeclaims', 'data-stuck-claim-0', 'DELETE', 'delete persistentvolumeclaims'],
    ['stuck-node', 'sei.io/seinodes', 'stuck-node-0', 'DELETE', 'delete seinodes.sei.io'],
    ['stuck-job', 'batch/jobs', 'stuck-job-genesis', 'DELETE', 'delete jobs.batch'],
    ['stuck-pool', 'sei.io/seinodepools', 'stuck-pool', 'UPDATE', 'patch seinodepools.sei.io'],
  ] as const) {
    test(`a deletion that is refused says of what, and why: ${says}`, async () => {
      await fixture.create(name, 1)
      await fixture.untilReady(name)
      const policy = await refuse(of(resource, [operation], object), WHY)
      await fixture.delete(seiNodePools, name)
      await untilSays(name, 'DeleteRefused', `${says} ${fixture.base.namespace}/${object}`, WHY)
      await policy[Symbol.asyncDispose]()
      await fixture.untilGone(seiNodePools, name)
      assert.equal(await eventCount(name, 'DeleteRefused'), 1)
    })
  }

  test('a pool waits for a node whose deletion is refused, and says why', async () => {
    await fixture.create('waits', 1)
    await fixture.untilReady('waits')
    const policy = await refuse(of('apps/statefulsets', ['DELETE'], 'waits-0'), WHY)
    await fixture.delete(seiNodePools, 'waits')
    await fixture.until('waits', 'what it waits for', pool => {
      const message = poolCondition(pool, 'Reconciling')?.message ?? ''
      return ['waiting for the deletion of waits-0 (delete statefulsets.apps', WHY].every(text =>
        message.includes(text),
      )
    })
    await policy[Symbol.asyncDispose]()
    await fixture.untilGone(seiNodePools, 'waits')
    await until('its node to be gone', async () => ((await fixture.base.get(seiNodes, 'waits-0')) ? undefined : true))
  })
})
