/** How a change of a pool reaches its nodes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { persistentVolumeClaims } from '../../src/kube/resources.ts'
import { conditionOf } from '../support/operator-stage.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { until } from '../support/until.ts'
import { PoolStage, poolCondition } from './pool-stage.ts'

const NEXT = 'sei-protocol/seid:v6.5.0'

let stage: PoolStage
before(async () => {
  stage = await PoolStage.open()
})
after(() => stage[Symbol.asyncDispose]())

function toImage(image: string): unknown {
  return { spec: { nodeConfiguration: { image } } }
}

async function imagesOf(pool: string, count: number): Promise<readonly (string | undefined)[]> {
  const nodes = await Promise.all(Array.from({ length: count }, (_, index) => stage.seiNode(`${pool}-${index}`)))
  return nodes.map(({ spec }) => spec.image)
}

function isNotReady(node: SeiNode): boolean {
  const ready = conditionOf(node, 'Ready')
  return ready?.status !== 'True' || ready.observedGeneration !== node.metadata.generation
}

test('failure mode 29: an image reaches one node at a time, the next when the one before is Ready and follows the chain', async () => {
  await stage.create('roll', 4)
  await stage.untilReady('roll')
  await using view = await NamespaceView.open(stage.client, stage.base.namespace)
  const latest = new Map<string, SeiNode>()
  const downTogether = new Set<string>()
  view.nodes.subscribe(change => {
    if (change.type === 'deleted' || !change.object.metadata.name.startsWith('roll-')) return
    latest.set(change.object.metadata.name, change.object)
    const down = [...latest.values()].filter(isNotReady).map(({ metadata }) => metadata.name)
    if (down.length > 1) downTogether.add(down.join(' and '))
  })
  await stage.patch('roll', toImage(NEXT))
  await until(
    'every node to have the new image',
    async () => ((await imagesOf('roll', 4)).every(image => image === NEXT) ? true : undefined),
    { deadlineMs: 120_000, found: async () => (await stage.pool('roll'))?.status },
  )
  await stage.untilReady('roll')
  assert.equal(latest.size, 4)
  assert.deepEqual([...downTogether], [])
  await stage.untilEvent('roll', 'RolledOut')
})

test('failure mode 29: a change that breaks a node breaks one, the rollout says so, and a corrected one goes on', async () => {
  await stage.create('halt', 4, { chainId: 'halt-1' })
  await stage.untilReady('halt')
  await stage.patch('halt', toImage('seid:does-not-exist'))
  const halted = await stage.untilReason('halt', 'Progressing', 'RolloutHalted')
  assert.match(
    halted.message,
    /the rollout is halted at halt-0.*seid:does-not-exist.*3 of 4 nodes still have the previous one/,
  )
  await stage.untilEvent('halt', 'RolloutHalted')
  assert.deepEqual(await imagesOf('halt', 4), ['seid:does-not-exist', ...Array(3).fill('sei-protocol/seid:v6.4.0')])
  const pool = await stage.pool('halt')
  assert.equal(pool?.status?.readyNodes, 3)
  await stage.patch('halt', toImage(NEXT))
  await stage.untilReady('halt')
  assert.deepEqual(await imagesOf('halt', 4), Array(4).fill(NEXT))
})

test('failure mode 29: a change that breaks the last node is told as well, and is over only when that node has settled', async () => {
  await stage.create('last', 1, { chainId: 'last-1' })
  await stage.untilReady('last')
  await stage.patch('last', toImage('seid:does-not-exist'))
  const halted = await stage.untilReason('last', 'Progressing', 'RolloutHalted')
  assert.match(halted.message, /the rollout is halted at last-0.*seid:does-not-exist.*Correct spec\.nodeConfiguration/)
  assert.ok(!(await stage.eventsOf('last')).includes('RolledOut'))
  // A pause puts another reason in its place.
  await stage.patch('last', { spec: { paused: true } })
  await stage.untilReason('last', 'Progressing', 'Paused')
  await stage.patch('last', { spec: { paused: false } })
  await stage.untilReason('last', 'Progressing', 'RolloutHalted')
  await stage.patch('last', toImage(NEXT))
  await stage.untilEvent('last', 'RolledOut')
  await stage.untilReady('last')
})

test('R2: a node that is Ready and makes no blocks holds the rollout up', async () => {
  await stage.create('still', 4, { chainId: 'still-1' })
  await stage.untilReady('still')
  stage.node.setSeidStalled(stage.base.podKey('still-0'), true)
  await stage.patch('still', toImage(NEXT))
  const rolling = await stage.until('still', 'the rollout to wait for a height', pool =>
    (poolCondition(pool, 'Progressing')?.message ?? '').includes('not seen to follow the chain'),
  )
  assert.match(poolCondition(rolling, 'Progressing')?.message ?? '', /when still-0 follows the chain/)
  assert.deepEqual((await imagesOf('still', 4)).slice(1), Array(3).fill('sei-protocol/seid:v6.4.0'))
  stage.node.setSeidStalled(stage.base.podKey('still-0'), false)
  await stage.untilReady('still')
  assert.deepEqual(await imagesOf('still', 4), Array(4).fill(NEXT))
})

test('R2: overrides reach each node through its sidecar, one node after the other', async () => {
  await stage.create('keys', 3, { chainId: 'keys-1' })
  await stage.untilReady('keys')
  await stage.patch('keys', { spec: { nodeConfiguration: { overrides: { 'logging.level': 'debug' } } } })
  await stage.untilReady('keys')
  for (const name of ['keys-0', 'keys-1', 'keys-2']) {
    assert.equal((await stage.seiNode(name)).spec.overrides?.['logging.level'], 'debug')
    assert.deepEqual(stage.base.executedBy(name).slice(3, 5), ['config-apply', 'config-validate'])
  }
})

test('R2: a node whose spec is changed by hand gets the pool’s again', async () => {
  await stage.create('hand', 1, { chainId: 'hand-1' })
  await stage.untilReady('hand')
  const { metadata } = await stage.base.patch('hand-0', { spec: { image: 'seid:mine' } })
  await until('the image of the pool', async () => {
    const node = await stage.base.get(seiNodes, 'hand-0')
    return node?.spec.image === 'sei-protocol/seid:v6.4.0' && node.metadata.generation !== metadata.generation
      ? node
      : undefined
  })
  await stage.untilReady('hand')
})

test('R2: volumes grow where their class lets them', async () => {
  await stage.create('grow', 1, { chainId: 'grow-1', storage: { size: '10Gi' } })
  await stage.untilReady('grow')
  await stage.patch('grow', { spec: { storage: { size: '20Gi' } } })
  await until('the claim to be of 20Gi', async () => {
    const claim = await stage.base.get(persistentVolumeClaims, 'data-grow-0')
    return claim?.spec?.resources?.requests?.['storage'] === '20Gi' ? claim : undefined
  })
})

test('R2: a paused pool changes nothing, says so, and goes on when it is asked to', async () => {
  await stage.create('pause', 1, { chainId: 'pause-1', paused: true })
  const paused = await stage.untilReason('pause', 'Paused', 'PausedBySpec')
  assert.equal(paused.status, 'True')
  assert.equal(await stage.uidOf('pause-genesis-data'), undefined)
  await stage.patch('pause', { spec: { paused: false } })
  await stage.untilReady('pause')
  await stage.patch('pause', { spec: { paused: true, nodeConfiguration: { image: NEXT } } })
  const pool = await stage.until('pause', 'paused again', one => poolCondition(one, 'Paused')?.status === 'True')
  assert.equal(poolCondition(pool, 'GenesisComplete')?.status, 'True')
  await stage.untilReason('pause', 'Ready', 'Paused')
  assert.deepEqual(await imagesOf('pause', 1), ['sei-protocol/seid:v6.4.0'])
  await stage.patch('pause', { spec: { paused: false } })
  await stage.untilReady('pause')
  assert.deepEqual(await imagesOf('pause', 1), [NEXT])
})
