/** Whatever the API server answers to a request for a pool, its conditions say so, one event tells it, and it goes on by itself. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { jobs, persistentVolumeClaims } from '../../src/kube/resources.ts'
import { type Refused, refuse, webhookDown } from '../support/admission.ts'
import { until } from '../support/until.ts'
import { poolCondition, PoolStage } from './pool-stage.ts'

const WHY = 'networks are changed by the network team only'

suite('requests that are refused', { concurrency: 8 }, () => {
  let stage: PoolStage
  before(async () => {
    stage = await PoolStage.open()
  })
  after(() => stage[Symbol.asyncDispose]())

  const of = (resource: string, operations: Refused['operations'], ...names: readonly string[]): Refused => ({
    namespace: stage.base.namespace,
    names,
    operations,
    resources: [resource],
  })

  /** Once the pool's condition Progressing has the reason, holds all the texts, and an event has told it. */
  async function untilSays(name: string, reason: string, ...texts: readonly string[]): Promise<void> {
    await stage.until(name, `${reason}: ${texts.join(', ')}`, pool => {
      const progress = poolCondition(pool, 'Progressing')
      return progress?.reason === reason && texts.every(text => progress.message.includes(text))
    })
    await stage.untilEvent(name, reason)
  }

  async function told(name: string, reason: string): Promise<number> {
    return (await stage.eventsOf(name)).filter(each => each === reason).length
  }

  test('a webhook that is down when its Job is made', async () => {
    const down = await webhookDown(of('batch/jobs', ['CREATE'], 'born-genesis'))
    await stage.create('born', 1)
    await untilSays('born', 'ApplyRefused', 'apply jobs.batch', 'failed calling webhook "validate.down.example.com"')
    await down[Symbol.asyncDispose]()
    await stage.untilReady('born')
    assert.equal(await told('born', 'ApplyRefused'), 1)
  })

  test('a webhook that is down when a node is changed: the pool is not Ready for the new spec', async () => {
    await stage.create('changed', 1)
    await stage.untilReady('changed')
    const down = await webhookDown(of('sei.io/seinodes', ['UPDATE'], 'changed-0'))
    const { metadata } = await stage.patch('changed', {
      spec: { nodeConfiguration: { image: 'sei-protocol/seid:v6.5.0' } },
    })
    await untilSays('changed', 'ApplyRefused', 'apply seinodes.sei.io', 'failed calling webhook')
    const ready = await stage.untilReason('changed', 'Ready', 'NewGeneration')
    assert.deepEqual([ready.status, ready.observedGeneration], ['Unknown', metadata.generation])
    await down[Symbol.asyncDispose]()
    await stage.untilReady('changed')
    assert.equal((await stage.seiNode('changed-0')).spec.image, 'sei-protocol/seid:v6.5.0')
    assert.equal(await told('changed', 'ApplyRefused'), 1)
  })

  for (const [name, resource, says] of [
    ['no-policy', 'networking.k8s.io/networkpolicies', 'apply networkpolicies.networking.k8s.io'],
    ['no-budget', 'policy/poddisruptionbudgets', 'apply poddisruptionbudgets.policy'],
  ] as const) {
    test(`a webhook that is down for an object beside the nodes: ${says}`, async () => {
      const down = await webhookDown(of(resource, ['CREATE'], name))
      await stage.create(name, 1)
      await untilSays(name, 'ApplyRefused', says, 'failed calling webhook')
      await down[Symbol.asyncDispose]()
      await stage.untilReady(name)
      assert.equal(await told(name, 'ApplyRefused'), 1)
    })
  }

  test('a finalizer that is refused: nothing is made before it is there', async () => {
    const policy = await refuse(of('sei.io/seinodepools', ['UPDATE'], 'unmarked'), WHY)
    await stage.create('unmarked', 1)
    await untilSays('unmarked', 'ApplyRefused', 'patch seinodepools.sei.io', WHY)
    assert.equal(await stage.base.get(persistentVolumeClaims, 'unmarked-genesis-data'), undefined)
    assert.equal(await stage.base.get(jobs, 'unmarked-genesis'), undefined)
    await policy[Symbol.asyncDispose]()
    await stage.untilReady('unmarked')
  })

  test('a failed Job whose deletion is refused says so', async () => {
    await stage.create('redone', 1, { nodeConfiguration: { nodeCount: 1, image: 'sei/does-not-exist:v1' } })
    await stage.untilReason('redone', 'GenesisComplete', 'JobStuck')
    const policy = await refuse(of('batch/jobs', ['DELETE'], 'redone-genesis'), WHY)
    await stage.patch('redone', { spec: { nodeConfiguration: { image: 'sei-protocol/seid:v6.4.0' } } })
    await untilSays('redone', 'ApplyRefused', 'delete jobs.batch', WHY)
    await policy[Symbol.asyncDispose]()
    await stage.untilReady('redone')
  })

  for (const [name, resource, object, operation, says] of [
    ['stuck-claim', '/persistentvolumeclaims', 'data-stuck-claim-0', 'DELETE', 'delete persistentvolumeclaims'],
    ['stuck-node', 'sei.io/seinodes', 'stuck-node-0', 'DELETE', 'delete seinodes.sei.io'],
    ['stuck-job', 'batch/jobs', 'stuck-job-genesis', 'DELETE', 'delete jobs.batch'],
    ['stuck-pool', 'sei.io/seinodepools', 'stuck-pool', 'UPDATE', 'patch seinodepools.sei.io'],
  ] as const) {
    test(`a deletion that is refused says of what, and why: ${says}`, async () => {
      await stage.create(name, 1)
      await stage.untilReady(name)
      const policy = await refuse(of(resource, [operation], object), WHY)
      await stage.delete(seiNodePools, name)
      await untilSays(name, 'DeleteRefused', `${says} ${stage.base.namespace}/${object}`, WHY)
      await policy[Symbol.asyncDispose]()
      await stage.untilGone(seiNodePools, name)
      assert.equal(await told(name, 'DeleteRefused'), 1)
    })
  }

  test('a pool waits for a node whose deletion is refused, and says why', async () => {
    await stage.create('waits', 1)
    await stage.untilReady('waits')
    const policy = await refuse(of('apps/statefulsets', ['DELETE'], 'waits-0'), WHY)
    await stage.delete(seiNodePools, 'waits')
    await stage.until('waits', 'what it waits for', pool => {
      const message = poolCondition(pool, 'Progressing')?.message ?? ''
      return ['waiting for waits-0 (delete statefulsets.apps', WHY].every(text => message.includes(text))
    })
    await policy[Symbol.asyncDispose]()
    await stage.untilGone(seiNodePools, 'waits')
    await until('its node to be gone', async () => ((await stage.base.get(seiNodes, 'waits-0')) ? undefined : true))
  })
})
