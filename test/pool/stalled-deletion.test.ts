/** A pool that is deleted while the machine of one of its nodes is lost: all that no pod can need goes, the rest stays and is named. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { jobs, networkPolicies, persistentVolumeClaims, podDisruptionBudgets } from '../../src/kube/resources.ts'
import { withLaterOperator } from '../support/later-operator.ts'
import { until } from '../support/until.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open()
})
after(() => fixture[Symbol.asyncDispose]())

function tenMinutesLater(act: () => Promise<void>): Promise<void> {
  return withLaterOperator(fixture.base, 600_000, act)
}

async function isStanding(claim: string): Promise<boolean> {
  const found = await fixture.base.get(persistentVolumeClaims, claim)
  return found !== undefined && found.metadata?.deletionTimestamp === undefined
}

test('a deletion that one node of five blocks continues without it after a deadline, and reports what is kept for it and why', async () => {
  await fixture.create('lost', 5)
  await fixture.untilReady('lost')
  fixture.node.setMachineSilent(fixture.base.podKey('lost-3'), true)
  await fixture.delete(seiNodePools, 'lost')
  for (const index of [0, 1, 2, 4]) await fixture.untilGone(seiNodes, `lost-${index}`)
  await fixture.untilGone(jobs, 'lost-genesis')
  const waiting = await fixture.untilReason('lost', 'Reconciling', 'Terminating')
  assert.match(waiting.message, /waiting for the deletion of .*lost-3/)
  assert.ok(await isStanding('lost-genesis-data'))
  assert.ok(await isStanding('data-lost-0'))

  await tenMinutesLater(async () => {
    // The SeiNode learns that its pod is lost at about the same time.
    const stalled = await fixture.until('lost', 'stalled, in the words of the SeiNode', pool => {
      const progress = poolCondition(pool, 'Reconciling')
      return progress?.reason === 'DeletionStalled' && progress.message.includes('--force')
    })
    const message = poolCondition(stalled, 'Reconciling')?.message ?? ''
    assert.match(
      message,
      /^SeiNode lost-3, deleted at .*, is blocked by its finalizers \S+: pod lost-3-0 was deleted, .*power machine \S+ off.*--force/,
    )
    assert.match(
      message,
      /Kept until then: PersistentVolumeClaim data-lost-3, which a pod may still write to\. NetworkPolicy lost stays until then: it guards the pods that may still run$/,
    )
    for (const claim of ['lost-genesis-data', 'data-lost-0', 'data-lost-1', 'data-lost-2', 'data-lost-4']) {
      await fixture.untilGone(persistentVolumeClaims, claim)
    }
    await fixture.untilGone(podDisruptionBudgets, 'lost')
    await fixture.untilEvent('lost', 'DeletionStalled')
    assert.ok(await isStanding('data-lost-3'))
    assert.ok(await fixture.base.get(networkPolicies, 'lost'))
  })
  fixture.node.setMachineSilent(fixture.base.podKey('lost-3'), false)
  await fixture.untilGone(seiNodePools, 'lost')
  await fixture.untilGone(persistentVolumeClaims, 'data-lost-3')
  await fixture.untilGone(networkPolicies, 'lost')
})

test('a network with kept volumes stops its next group though a node of the one before is lost, and keeps every volume', async () => {
  const names = ['kept-0', 'kept-1', 'kept-2']
  const claims = ['kept-genesis-data', ...names.map(name => `data-${name}`)]
  const stopping = async (): Promise<number> => {
    const nodes = await Promise.all(names.map(name => fixture.base.get(seiNodes, name)))
    return nodes.filter(node => node?.metadata.deletionTimestamp !== undefined).length
  }
  await fixture.create('kept', 3, { chainId: 'kept-1', storage: { retainOnDelete: true } })
  await fixture.untilReady('kept')
  for (const name of names) fixture.node.setMachineSilent(fixture.base.podKey(name), true)
  await fixture.delete(seiNodePools, 'kept')
  await fixture.until('kept', 'waiting', ({ status }) => status?.phase === 'Terminating')
  assert.equal(await stopping(), 1)

  await tenMinutesLater(async () => {
    await fixture.untilReason('kept', 'Reconciling', 'DeletionStalled')
    await until('the next group to be stopped', async () => ((await stopping()) === 3 ? true : undefined))
  })
  for (const name of names) fixture.node.setMachineSilent(fixture.base.podKey(name), false)
  await fixture.untilGone(seiNodePools, 'kept')
  for (const claim of claims) assert.ok(await isStanding(claim), claim)
})
