/** Objects of the names that a pool needs, which are none of its own. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { jobs, networkPolicies, persistentVolumeClaims, podDisruptionBudgets } from '../../src/kube/resources.ts'
import { until } from '../support/until.ts'
import { PoolStage, poolCondition } from './pool-stage.ts'

let stage: PoolStage
before(async () => {
  stage = await PoolStage.open()
})
after(() => stage[Symbol.asyncDispose]())

const CLAIM = {
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'gp3',
  resources: { requests: { storage: '1Gi' } },
}

test('failure mode 24: a claim of the name that the genesis volume needs is left alone and named, and the pool goes on without it', async () => {
  const { metadata } = await stage.client.create(persistentVolumeClaims, {
    metadata: stage.base.key('claim-genesis-data'),
    spec: CLAIM,
  })
  await stage.create('claim', 1)
  const foreign = await stage.untilReason('claim', 'Progressing', 'ForeignObject')
  assert.match(
    foreign.message,
    /PersistentVolumeClaim claim-genesis-data exists and belongs to something that this operator did not make/,
  )
  assert.equal(await stage.uidOf('claim-genesis-data'), metadata?.uid)
  await stage.delete(persistentVolumeClaims, 'claim-genesis-data')
  await stage.untilReady('claim')
})

test('failure mode 24: a Job of the name that the ceremony needs is left alone and named', async () => {
  const template = {
    spec: { restartPolicy: 'Never', containers: [{ name: 'mine', image: 'busybox:1', command: ['/bin/true'] }] },
  }
  const { metadata } = await stage.client.create(jobs, { metadata: stage.base.key('job-genesis'), spec: { template } })
  await stage.create('job', 1, { chainId: 'job-1' })
  const foreign = await stage.untilReason('job', 'Progressing', 'ForeignObject')
  assert.match(foreign.message, /Job job-genesis exists and belongs to/)
  assert.equal(await stage.jobUID('job-genesis'), metadata?.uid)
  await stage.delete(jobs, 'job-genesis')
  await stage.untilReady('job')
})

test('failure mode 43: a SeiNode of a node’s name is left alone and named, also when the pool is deleted', async () => {
  const { metadata } = await stage.client.create(seiNodes, {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNode',
    metadata: stage.base.key('mine-0'),
    // It has no volume yet, or that would be in the way first.
    spec: { chainId: 'arctic-1', image: 'sei-protocol/seid:v6.4.0', paused: true },
  })
  await stage.create('mine', 1, { chainId: 'mine-1' })
  const foreign = await stage.untilReason('mine', 'Progressing', 'ForeignObject')
  assert.match(foreign.message, /SeiNode mine-0 exists and belongs to/)
  await stage.delete(seiNodePools, 'mine')
  await stage.untilGone(seiNodePools, 'mine')
  assert.equal((await stage.seiNode('mine-0')).metadata.uid, metadata.uid)
})

test('failure mode 43: a node that joins the network carries its label, and is neither counted nor deleted with it', async () => {
  await stage.create('join', 1, { chainId: 'join-1' })
  await stage.untilReady('join')
  await stage.client.create(seiNodes, {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNode',
    metadata: { ...stage.base.key('follower'), labels: { 'sei.io/nodepool': 'join' } },
    spec: { chainId: 'arctic-1', image: 'sei-protocol/seid:v6.4.0' },
  })
  await stage.base.untilRunning('follower')
  assert.equal((await stage.pool('join'))?.status?.totalNodes, 1)
  await stage.delete(seiNodePools, 'join')
  await stage.untilGone(seiNodePools, 'join')
  assert.equal((await stage.seiNode('follower')).metadata.deletionTimestamp, undefined)
})

test('failure mode 24: a NetworkPolicy and a budget of the pool’s name are left alone and named, and its own made when they go', async () => {
  const podSelector = { matchLabels: { app: 'theirs' } }
  await stage.client.create(networkPolicies, { metadata: stage.base.key('guard'), spec: { podSelector } })
  await stage.client.create(podDisruptionBudgets, {
    metadata: stage.base.key('guard'),
    spec: { maxUnavailable: 1, selector: podSelector },
  })
  await stage.create('guard', 1, { chainId: 'guard-1' })
  const ofPolicy = await stage.untilReason('guard', 'Progressing', 'ForeignObject')
  assert.match(ofPolicy.message, /NetworkPolicy guard exists and belongs to something/)
  await stage.delete(networkPolicies, 'guard')
  await stage.until('guard', 'the budget to be named', pool =>
    (poolCondition(pool, 'Progressing')?.message ?? '').startsWith('PodDisruptionBudget guard exists'),
  )
  assert.deepEqual((await stage.base.get(podDisruptionBudgets, 'guard'))?.spec?.selector, podSelector)
  await stage.delete(podDisruptionBudgets, 'guard')
  await stage.untilReady('guard')
  await stage.until('guard', 'Stable', pool => poolCondition(pool, 'Progressing')?.reason === 'Stable')
})

test('R2: a NetworkPolicy that is changed or deleted by hand is as it was again', async () => {
  await stage.create('policy', 1, { chainId: 'policy-1' })
  await stage.untilReady('policy')
  const isWhole = async (): Promise<true | undefined> =>
    (await stage.base.get(networkPolicies, 'policy'))?.spec?.ingress?.length === 2 ? true : undefined
  await stage.client.patch(networkPolicies, stage.base.key('policy'), { spec: { ingress: [] } }, { type: 'merge' })
  await until('the rules to be there again', isWhole)
  await stage.delete(networkPolicies, 'policy')
  await until('the policy to be there again', isWhole)
})
