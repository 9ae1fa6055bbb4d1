/** Foreign objects with the names of a pool's objects. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { jobs, networkPolicies, persistentVolumeClaims, podDisruptionBudgets } from '../../src/kube/resources.ts'
import { until } from '../support/until.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open()
})
after(() => fixture[Symbol.asyncDispose]())

const CLAIM = {
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'gp3',
  resources: { requests: { storage: '1Gi' } },
}

test('failure mode 24: a claim with the name of the genesis volume is reported and not changed, and the pool continues when it is deleted', async () => {
  const { metadata } = await fixture.client.create(persistentVolumeClaims, {
    metadata: fixture.base.key('claim-genesis-data'),
    spec: CLAIM,
  })
  await fixture.create('claim', 1)
  const foreign = await fixture.untilReason('claim', 'Reconciling', 'ForeignObject')
  assert.match(
    foreign.message,
    /PersistentVolumeClaim claim-genesis-data exists and belongs to something that this operator did not make/,
  )
  assert.equal(await fixture.uidOf('claim-genesis-data'), metadata?.uid)
  await fixture.delete(persistentVolumeClaims, 'claim-genesis-data')
  await fixture.untilReady('claim')
})

test('failure mode 24: a foreign Job with the ceremony’s name is reported and not changed', async () => {
  const template = {
    spec: { restartPolicy: 'Never', containers: [{ name: 'mine', image: 'busybox:1', command: ['/bin/true'] }] },
  }
  const { metadata } = await fixture.client.create(jobs, {
    metadata: fixture.base.key('job-genesis'),
    spec: { template },
  })
  await fixture.create('job', 1, { chainId: 'job-1' })
  const foreign = await fixture.untilReason('job', 'Reconciling', 'ForeignObject')
  assert.match(foreign.message, /Job job-genesis exists and belongs to/)
  assert.equal(await fixture.jobUID('job-genesis'), metadata?.uid)
  await fixture.delete(jobs, 'job-genesis')
  await fixture.untilReady('job')
})

test('failure mode 43: a foreign SeiNode with a node’s name is reported and not changed, also when the pool is deleted', async () => {
  const { metadata } = await fixture.client.create(seiNodes, {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNode',
    metadata: fixture.base.key('mine-0'),
    // It has no volume yet, or that would be in the way first.
    spec: { chainId: 'arctic-1', image: 'sei-protocol/seid:v6.4.0', paused: true },
  })
  await fixture.create('mine', 1, { chainId: 'mine-1' })
  const foreign = await fixture.untilReason('mine', 'Reconciling', 'ForeignObject')
  assert.match(foreign.message, /SeiNode mine-0 exists and belongs to/)
  await fixture.delete(seiNodePools, 'mine')
  await fixture.untilGone(seiNodePools, 'mine')
  assert.equal((await fixture.seiNode('mine-0')).metadata.uid, metadata.uid)
})

test('failure mode 43: a node that joins the network carries its label, and is neither counted nor deleted with it', async () => {
  await fixture.create('join', 1, { chainId: 'join-1' })
  await fixture.untilReady('join')
  await fixture.client.create(seiNodes, {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNode',
    metadata: { ...fixture.base.key('follower'), labels: { 'sei.io/nodepool': 'join' } },
    spec: { chainId: 'arctic-1', image: 'sei-protocol/seid:v6.4.0' },
  })
  await fixture.base.untilRunning('follower')
  assert.equal((await fixture.pool('join'))?.status?.totalNodes, 1)
  await fixture.delete(seiNodePools, 'join')
  await fixture.untilGone(seiNodePools, 'join')
  assert.equal((await fixture.seiNode('follower')).metadata.deletionTimestamp, undefined)
})

test('failure mode 24: a NetworkPolicy and a budget with the pool’s name are reported and not changed, and its own are created when those are deleted', async () => {
  const podSelector = { matchLabels: { app: 'theirs' } }
  await fixture.client.create(networkPolicies, { metadata: fixture.base.key('guard'), spec: { podSelector } })
  await fixture.client.create(podDisruptionBudgets, {
    metadata: fixture.base.key('guard'),
    spec: { maxUnavailable: 1, selector: podSelector },
  })
  await fixture.create('guard', 1, { chainId: 'guard-1' })
  const ofPolicy = await fixture.untilReason('guard', 'Reconciling', 'ForeignObject')
  assert.match(ofPolicy.message, /NetworkPolicy guard exists and belongs to something/)
  await fixture.delete(networkPolicies, 'guard')
  await fixture.until('guard', 'the budget to be named', pool =>
    (poolCondition(pool, 'Reconciling')?.message ?? '').startsWith('PodDisruptionBudget guard exists'),
  )
  assert.deepEqual((await fixture.base.get(podDisruptionBudgets, 'guard'))?.spec?.selector, podSelector)
  await fixture.delete(podDisruptionBudgets, 'guard')
  await fixture.untilReady('guard')
  await fixture.until('guard', 'Stable', pool => poolCondition(pool, 'Reconciling')?.reason === 'Stable')
})

test('R2: a manual change or deletion of the NetworkPolicy is reverted', async () => {
  await fixture.create('policy', 1, { chainId: 'policy-1' })
  await fixture.untilReady('policy')
  const isWhole = async (): Promise<true | undefined> =>
    (await fixture.base.get(networkPolicies, 'policy'))?.spec?.ingress?.length === 2 ? true : undefined
  await fixture.client.patch(networkPolicies, fixture.base.key('policy'), { spec: { ingress: [] } }, { type: 'merge' })
  await until('the rules to be there again', isWhole)
  await fixture.delete(networkPolicies, 'policy')
  await until('the policy to be there again', isWhole)
})
