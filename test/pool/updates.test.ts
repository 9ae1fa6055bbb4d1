/** How a change of a pool reaches its nodes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { persistentVolumeClaims } from '../../src/kube/resources.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { until } from '../support/until.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

const NEXT = 'sei-protocol/seid:v6.5.0'

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open()
})
after(() => fixture[Symbol.asyncDispose]())

function toImage(image: string): unknown {
  return { spec: { nodeConfiguration: { image } } }
}

async function imagesOf(pool: string, count: number): Promise<readonly (string | undefined)[]> {
  const nodes = await Promise.all(Array.from({ length: count }, (_, index) => fixture.seiNode(`${pool}-${index}`)))
  return nodes.map(({ spec }) => spec.image)
}

function isNotReady(node: SeiNode): boolean {
  const ready = conditionOf(node, 'Ready')
  return ready?.status !== 'True' || ready.observedGeneration !== node.metadata.generation
}

test('failure mode 29: an image reaches one node at a time, the next when the one before is Ready and follows the chain', async () => {
  await fixture.create('roll', 4)
  await fixture.untilReady('roll')
  await using view = await NamespaceView.open(fixture.client, fixture.base.namespace)
  const latest = new Map<string, SeiNode>()
  const downTogether = new Set<string>()
  view.nodes.subscribe(change => {
    if (change.type === 'deleted' || !change.object.metadata.name.startsWith('roll-')) return
    latest.set(change.object.metadata.name, change.object)
    const down = [...latest.values()].filter(isNotReady).map(({ metadata }) => metadata.name)
    if (down.length > 1) downTogether.add(down.join(' and '))
  })
  await fixture.patch('roll', toImage(NEXT))
  await until(
    'every node to have the new image',
    async () => ((await imagesOf('roll', 4)).every(image => image === NEXT) ? true : undefined),
    { deadlineMs: 120_000, found: async () => (await fixture.pool('roll'))?.status },
  )
  await fixture.untilReady('roll')
  assert.equal(latest.size, 4)
  assert.deepEqual([...downTogether], [])
  await fixture.untilEvent('roll', 'RolledOut')
})

test('failure mode 29: a change that breaks a node breaks one, the rollout reports it, and a corrected change continues', async () => {
  await fixture.create('halt', 4, { chainId: 'halt-1' })
  await fixture.untilReady('halt')
  await fixture.patch('halt', toImage('seid:does-not-exist'))
  const halted = await fixture.untilReason('halt', 'Reconciling', 'RolloutHalted')
  assert.match(
    halted.message,
    /the rollout is halted at halt-0.*seid:does-not-exist.*3 of 4 nodes still have the previous one/,
  )
  await fixture.untilEvent('halt', 'RolloutHalted')
  assert.deepEqual(await imagesOf('halt', 4), ['seid:does-not-exist', ...Array(3).fill('sei-protocol/seid:v6.4.0')])
  const pool = await fixture.pool('halt')
  assert.equal(pool?.status?.readyNodes, 3)
  await fixture.patch('halt', toImage(NEXT))
  await fixture.untilReady('halt')
  assert.deepEqual(await imagesOf('halt', 4), Array(4).fill(NEXT))
})

test('failure mode 29: a change that breaks the last node is reported as well, and ends only when that node is Ready', async () => {
  await fixture.create('last', 1, { chainId: 'last-1' })
  await fixture.untilReady('last')
  await fixture.patch('last', toImage('seid:does-not-exist'))
  const halted = await fixture.untilReason('last', 'Reconciling', 'RolloutHalted')
  assert.match(halted.message, /the rollout is halted at last-0.*seid:does-not-exist.*Correct spec\.nodeConfiguration/)
  assert.ok(!(await fixture.eventsOf('last')).includes('RolledOut'))
  // A pause puts another reason in its place.
  await fixture.patch('last', { spec: { paused: true } })
  await fixture.untilReason('last', 'Reconciling', 'Paused')
  await fixture.patch('last', { spec: { paused: false } })
  await fixture.untilReason('last', 'Reconciling', 'RolloutHalted')
  await fixture.patch('last', toImage(NEXT))
  await fixture.untilEvent('last', 'RolledOut')
  await fixture.untilReady('last')
})

test('R2: a node that is Ready and makes no blocks stops the rollout', async () => {
  await fixture.create('still', 4, { chainId: 'still-1' })
  await fixture.untilReady('still')
  fixture.base.stall('still-0')
  await fixture.patch('still', toImage(NEXT))
  const rolling = await fixture.until('still', 'the rollout to wait for a height', pool =>
    (poolCondition(pool, 'Reconciling')?.message ?? '').includes('not yet been observed to follow the chain'),
  )
  assert.match(poolCondition(rolling, 'Reconciling')?.message ?? '', /when still-0 follows the chain/)
  assert.deepEqual((await imagesOf('still', 4)).slice(1), Array(3).fill('sei-protocol/seid:v6.4.0'))
  fixture.base.stall('still-0', false)
  await fixture.untilReady('still')
  assert.deepEqual(await imagesOf('still', 4), Array(4).fill(NEXT))
})

test('R2: overrides reach each node through its sidecar, one node after the other', async () => {
  await fixture.create('keys', 3, { chainId: 'keys-1' })
  await fixture.untilReady('keys')
  await fixture.patch('keys', { spec: { nodeConfiguration: { overrides: { 'logging.level': 'debug' } } } })
  await fixture.untilReady('keys')
  for (const name of ['keys-0', 'keys-1', 'keys-2']) {
    assert.equal((await fixture.seiNode(name)).spec.overrides?.['logging.level'], 'debug')
    assert.deepEqual(fixture.base.executedBy(name).slice(3, 5), ['config-apply', 'config-validate'])
  }
})

test('R2: a manual change of a node’s spec is reverted to the pool’s', async () => {
  await fixture.create('hand', 1, { chainId: 'hand-1' })
  await fixture.untilReady('hand')
  const { metadata } = await fixture.base.patch('hand-0', { spec: { image: 'seid:mine' } })
  await until('the image of the pool', async () => {
    const node = await fixture.base.get(seiNodes, 'hand-0')
    return node?.spec.image === 'sei-protocol/seid:v6.4.0' && node.metadata.generation !== metadata.generation
      ? node
      : undefined
  })
  await fixture.untilReady('hand')
})

test('R2: volumes grow if their class allows it', async () => {
  await fixture.create('grow', 1, { chainId: 'grow-1', storage: { size: '10Gi' } })
  await fixture.untilReady('grow')
  await fixture.patch('grow', { spec: { storage: { size: '20Gi' } } })
  await until('the claim to be of 20Gi', async () => {
    const claim = await fixture.base.get(persistentVolumeClaims, 'data-grow-0')
    return claim?.spec?.resources?.requests?.['storage'] === '20Gi' ? claim : undefined
  })
})

test('R2: a paused pool changes nothing, reports it, and continues when it is resumed', async () => {
  await fixture.create('pause', 1, { chainId: 'pause-1', paused: true })
  const paused = await fixture.untilReason('pause', 'Paused', 'PausedBySpec')
  assert.equal(paused.status, 'True')
  assert.equal(await fixture.uidOf('pause-genesis-data'), undefined)
  await fixture.patch('pause', { spec: { paused: false } })
  await fixture.untilReady('pause')
  await fixture.patch('pause', { spec: { paused: true, nodeConfiguration: { image: NEXT } } })
  const pool = await fixture.until('pause', 'paused again', one => poolCondition(one, 'Paused')?.status === 'True')
  assert.equal(poolCondition(pool, 'GenesisComplete')?.status, 'True')
  await fixture.untilReason('pause', 'Ready', 'Paused')
  assert.deepEqual(await imagesOf('pause', 1), ['sei-protocol/seid:v6.4.0'])
  await fixture.patch('pause', { spec: { paused: false } })
  await fixture.untilReady('pause')
  assert.deepEqual(await imagesOf('pause', 1), [NEXT])
})
