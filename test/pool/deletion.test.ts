/** What is left of a pool that is deleted, and what a pool of its name makes of that. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ContainerTask } from '../../testing/fakes/node/task-process.ts'
import type { ProcessExit } from '../../testing/fakes/node/container-process.ts'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { jobs, networkPolicies, persistentVolumeClaims, podDisruptionBudgets, pods } from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { until } from '../support/until.ts'
import { PoolFixture } from './pool-fixture.ts'

/** Steps that never end, by the beginning of their pod's name. */
const hanging = new Set<string>()

function hang(task: ContainerTask): Promise<ProcessExit> | undefined {
  if (![...hanging].some(prefix => task.pod.startsWith(prefix))) return undefined
  return new Promise(resolve => {
    task.signal.addEventListener('abort', () => resolve({ exitCode: 143 }))
  })
}

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open({ node: { runToCompletion: hang } })
})
after(() => fixture[Symbol.asyncDispose]())

const KINDS: readonly Resource[] = [seiNodes, jobs, persistentVolumeClaims, networkPolicies, podDisruptionBudgets, pods]

/** Everything that carries the pool's label: `Kind name`. */
async function objectsOf(pool: string): Promise<readonly string[]> {
  const lists = await Promise.all(
    KINDS.map(async resource => {
      const options = { namespace: fixture.base.namespace, labelSelector: `sei.io/nodepool=${pool}` }
      const { items } = await fixture.client.list<KubeObject>(resource, options)
      return items.map(({ metadata }) => `${resource.kind} ${metadata?.name}`)
    }),
  )
  return lists.flat().toSorted()
}

test('R2: a deleted pool leaves nothing after its pods have ended', async () => {
  await fixture.create('gone', 3)
  await fixture.untilReady('gone')
  await fixture.delete(seiNodePools, 'gone')
  await fixture.untilGone(seiNodePools, 'gone')
  for (const claim of ['gone-genesis-data', 'data-gone-0', 'data-gone-1', 'data-gone-2']) {
    await fixture.untilGone(persistentVolumeClaims, claim)
  }
  await fixture.untilGone(networkPolicies, 'gone')
  await fixture.untilGone(podDisruptionBudgets, 'gone')
  assert.deepEqual(await objectsOf('gone'), [])
})

function claimsOf(pool: string): readonly string[] {
  return [`${pool}-genesis-data`, `data-${pool}-0`, `data-${pool}-1`, `data-${pool}-2`]
}

function uidsOf(pool: string): Promise<readonly (string | undefined)[]> {
  return Promise.all(claimsOf(pool).map(claim => fixture.uidOf(claim)))
}

for (const cascade of ['Background', 'Foreground', 'Orphan'] as const) {
  test(`failure mode 17: retainOnDelete keeps every volume of a pool that is deleted with cascade ${cascade}`, async () => {
    const name = `kept-${cascade.toLowerCase()}`
    const spec = { chainId: 'kept-1', storage: { retainOnDelete: true } }
    await fixture.create(name, 3, spec)
    const { status } = await fixture.untilReady(name)
    const uids = await uidsOf(name)
    await fixture.delete(seiNodePools, name, cascade)
    await fixture.untilGone(seiNodePools, name)
    const signed = fixture.signedHeight(`data-${name}-0`)
    assert.ok(signed > 0)
    assert.deepEqual(
      (await objectsOf(name)).filter(object => !object.startsWith('Pod ')),
      claimsOf(name)
        .map(claim => `PersistentVolumeClaim ${claim}`)
        .toSorted(),
    )

    await fixture.create(name, 3, spec)
    const resumed = await fixture.untilReady(name)
    assert.deepEqual(await uidsOf(name), uids)
    assert.equal(resumed.status?.genesis?.hash, status?.genesis?.hash)
    assert.deepEqual(
      resumed.status?.nodes?.map(({ nodeId }) => nodeId),
      status?.nodes?.map(({ nodeId }) => nodeId),
    )
    assert.ok(fixture.signedHeight(`data-${name}-0`) >= signed, 'the validator forgot what it had signed')
  })
}

test('R2: a network with kept volumes stops in groups: as many as it can lose, one alone, the rest', async () => {
  await fixture.create('calm', 4, { chainId: 'calm-1', storage: { retainOnDelete: true } })
  await fixture.untilReady('calm')
  await using view = await NamespaceView.open(fixture.client, fixture.base.namespace)
  const seen: string[] = []
  const stopped = new Set<string>()
  view.nodes.subscribe(({ type, object: { metadata } }) => {
    const { name, deletionTimestamp } = metadata
    if (!name.startsWith('calm-') || deletionTimestamp === undefined) return
    if (!stopped.has(name)) seen.push(`${name} is stopped`)
    stopped.add(name)
    if (type === 'deleted') seen.push(`${name} is gone`)
  })
  await fixture.delete(seiNodePools, 'calm')
  await fixture.untilGone(seiNodePools, 'calm')
  await until('the watch to have seen the end of the nodes', () => seen.length >= 8 || undefined, { found: () => seen })
  assert.deepEqual(
    seen.map(each => each.replace(/calm-\d/, 'a node')),
    ['stopped', 'gone', 'stopped', 'gone', 'stopped', 'stopped', 'gone', 'gone'].map(what => `a node is ${what}`),
  )
})

const others = [
  {
    title: 'another chain',
    chainId: 'other-1',
    nodeCount: 3,
    found: /chain kept-1 with 3 nodes.*chain other-1 with 3/,
  },
  {
    title: 'another number of nodes',
    chainId: 'kept-1',
    nodeCount: 4,
    found: /chain kept-1 with 3 nodes.*chain kept-1 with 4/,
  },
]

for (const { title, chainId, nodeCount, found } of others) {
  test(`R2: a pool of ${title} does not take the volumes of an earlier one, and says whose they are`, async () => {
    const name = 'kept-background'
    if (await fixture.pool(name)) {
      await fixture.delete(seiNodePools, name)
      await fixture.untilGone(seiNodePools, name)
    }
    const uids = await uidsOf(name)
    assert.ok(uids.every(uid => uid !== undefined))
    await fixture.create(name, nodeCount, { chainId })
    const refused = await fixture.untilReason(name, 'GenesisComplete', 'OtherNetwork')
    assert.match(refused.message, found)
    assert.equal(await fixture.base.get(seiNodes, `${name}-0`), undefined)
    // Nor does it delete them, though retainOnDelete is unset.
    await fixture.delete(seiNodePools, name)
    await fixture.untilGone(seiNodePools, name)
    assert.deepEqual(await uidsOf(name), uids)
  })
}

test('R2: a pool is deleted in the middle of its ceremony', async () => {
  hanging.add('midway-genesis')
  await fixture.create('midway', 2, { chainId: 'midway-1' })
  await fixture.untilReason('midway', 'GenesisComplete', 'JobRunning')
  await fixture.until('midway', 'the first step to run', ({ status }) =>
    (status?.conditions?.find(({ type }) => type === 'GenesisComplete')?.message ?? '').includes('step 1 of 3'),
  )
  await fixture.delete(seiNodePools, 'midway')
  await fixture.untilGone(seiNodePools, 'midway')
  await fixture.untilGone(persistentVolumeClaims, 'midway-genesis-data')
  await fixture.untilGone(jobs, 'midway-genesis')
})

test('R2: a paused pool is deleted, and its volumes stay where they are to stay', async () => {
  await fixture.create('halted', 1, { chainId: 'halted-1' })
  await fixture.untilReady('halted')
  await fixture.patch('halted', { spec: { paused: true, storage: { retainOnDelete: true } } })
  await fixture.delete(seiNodePools, 'halted')
  await fixture.untilGone(seiNodePools, 'halted')
  assert.ok((await fixture.uidOf('data-halted-0')) !== undefined)
  assert.ok((await fixture.uidOf('halted-genesis-data')) !== undefined)
})

test('failure mode 19: nodes are deleted one after the pool, not left to the garbage collector, and before their volumes', async () => {
  await fixture.create('order', 1, { chainId: 'order-1' })
  await fixture.untilReady('order')
  const pod = await fixture.base.get(pods, 'order-0-0')
  await fixture.client.patch(
    pods,
    fixture.base.key('order-0-0'),
    { metadata: { finalizers: ['sei.io/test'] } },
    { type: 'merge' },
  )
  await fixture.delete(seiNodePools, 'order')
  const waiting = await fixture.until('order', 'waiting for its nodes', ({ status }) => status?.phase === 'Terminating')
  assert.match(
    waiting.status?.conditions?.find(({ type }) => type === 'Reconciling')?.message ?? '',
    /waiting for .*order-0/,
  )
  assert.ok((await fixture.uidOf('data-order-0')) !== undefined)
  assert.equal((await fixture.base.get(persistentVolumeClaims, 'data-order-0'))?.metadata?.deletionTimestamp, undefined)
  assert.equal((await fixture.base.get(pods, 'order-0-0'))?.metadata?.uid, pod?.metadata?.uid)
  await fixture.client.patch(pods, fixture.base.key('order-0-0'), { metadata: { finalizers: null } }, { type: 'merge' })
  await fixture.untilGone(seiNodePools, 'order')
})
