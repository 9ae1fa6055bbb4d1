/** Volumes that an earlier pool of the name left behind, and pools that are refused them: following any advice loses nothing. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { seiNodePools, seiNodes } from '../../src/api/resources.ts'
import { jobs, persistentVolumeClaims } from '../../src/kube/resources.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open()
})
after(() => fixture[Symbol.asyncDispose]())

const KEPT = { storage: { retainOnDelete: true } }

/** A network that ran, and of which only the volumes are left. */
async function keep(name: string, nodeCount: number, spec: object = {}): Promise<void> {
  await fixture.create(name, nodeCount, { chainId: `${name}-1`, ...KEPT, ...spec })
  await fixture.untilReason(name, 'NodesReady', 'AllReady')
  await remove(name)
}

async function remove(name: string): Promise<void> {
  await fixture.delete(seiNodePools, name)
  await fixture.untilGone(seiNodePools, name)
}

async function claimsOf(name: string, nodeCount: number): Promise<readonly (PersistentVolumeClaim | undefined)[]> {
  const names = [`${name}-genesis-data`, ...Array.from({ length: nodeCount }, (_, index) => `data-${name}-${index}`)]
  return Promise.all(names.map(claim => fixture.base.get(persistentVolumeClaims, claim)))
}

/** All of the claims that a pool could write, and whether they stay. */
async function traces(name: string, nodeCount: number): Promise<unknown> {
  const claims = await claimsOf(name, nodeCount)
  return claims.map(claim => {
    const { uid, labels, annotations, ownerReferences, deletionTimestamp } = claim?.metadata ?? {}
    return { uid, labels, annotations, ownerReferences, deletionTimestamp, resources: claim?.spec?.resources }
  })
}

async function dataUIDs(name: string): Promise<unknown> {
  const [, ...data] = await claimsOf(name, 3)
  return data.map(claim => claim?.metadata?.uid)
}

async function dataMetadata(name: string): Promise<unknown> {
  const [, ...data] = await claimsOf(name, 3)
  return data.map(claim => {
    const { labels, annotations, ownerReferences } = claim?.metadata ?? {}
    return { labels, annotations, ownerReferences }
  })
}

/** As an earlier version kept them. */
async function stripMarks(name: string, nodeCount: number): Promise<void> {
  for (const claim of await claimsOf(name, nodeCount)) {
    const { name: claimName = '', annotations = {} } = claim?.metadata ?? {}
    const marks = Object.keys(annotations).filter(key => key.startsWith('sei.io/'))
    const patch = { metadata: { annotations: Object.fromEntries(marks.map(key => [key, null])) } }
    if (claim) await fixture.client.patch(persistentVolumeClaims, fixture.base.key(claimName), patch, { type: 'merge' })
  }
}

test('failure mode 17: data volumes without their genesis volume are refused before anything is written or run, and survive the refused pool', async () => {
  await keep('orphans', 3)
  const keys = [0, 1].map(index => fixture.read(`data-orphans-${index}`, 'config/priv_validator_key.json'))
  await fixture.delete(persistentVolumeClaims, 'orphans-genesis-data')
  await fixture.untilGone(persistentVolumeClaims, 'orphans-genesis-data')
  const earlier = await traces('orphans', 3)
  await fixture.create('orphans', 3, { chainId: 'orphans-1' })
  const refused = await fixture.untilReason('orphans', 'GenesisComplete', 'OtherNetwork')
  assert.match(
    refused.message,
    /data-orphans-0, retained from an earlier SeiNodePool.*whose volume does not exist\. Bind PersistentVolumeClaim orphans-genesis-data.*or create the pool under another name\. Deleting this pool does not delete these claims/,
  )
  await fixture.untilEvent('orphans', 'OtherNetwork')
  assert.deepEqual(await traces('orphans', 3), earlier)
  assert.equal(await fixture.base.get(jobs, 'orphans-genesis'), undefined)
  // The advice: the pool under another name, and this one deleted, whatever it says of its volumes by then.
  await fixture.patch('orphans', { spec: { storage: { retainOnDelete: true } } })
  await fixture.untilReason('orphans', 'GenesisComplete', 'OtherNetwork')
  await fixture.patch('orphans', { spec: { storage: { retainOnDelete: false } } })
  await fixture.untilReason('orphans', 'GenesisComplete', 'OtherNetwork')
  await remove('orphans')
  assert.deepEqual(await traces('orphans', 3), earlier)
  assert.deepEqual(
    [0, 1].map(index => fixture.read(`data-orphans-${index}`, 'config/priv_validator_key.json')),
    keys,
  )
})

test('failure mode 17: the same volumes, kept by a version that noted nothing on them, are refused by their Jobs and outlive the pool', async () => {
  await keep('plain', 3)
  await fixture.delete(persistentVolumeClaims, 'plain-genesis-data')
  await fixture.untilGone(persistentVolumeClaims, 'plain-genesis-data')
  await stripMarks('plain', 3)
  const [uids, state] = [await dataUIDs('plain'), fixture.read('data-plain-0', 'data/priv_validator_state.json')]
  const earlier = await dataMetadata('plain')
  await fixture.create('plain', 3, { chainId: 'plain-1' })
  const refused = await fixture.untilReason('plain', 'NodesPrepared', 'OtherGenesis')
  assert.match(
    refused.message,
    /does not use it\. Bind the claim .*deleting this pool does not delete claims that it has not adopted/,
  )
  assert.deepEqual(await dataMetadata('plain'), earlier)
  await remove('plain')
  await fixture.untilGone(persistentVolumeClaims, 'plain-genesis-data')
  assert.deepEqual([await dataUIDs('plain'), await dataMetadata('plain')], [uids, earlier])
  assert.equal(fixture.read('data-plain-0', 'data/priv_validator_state.json'), state)
})

test('failure mode 17: a pool that is refused one of the kept volumes adopts none of the others', async () => {
  await keep('mixed', 3)
  await stripMarks('mixed', 3)
  fixture.node.homeOf(fixture.base.key('data-mixed-1')).write('config/genesis.json', '{"chain_id":"another"}')
  const earlier = await traces('mixed', 3)
  await fixture.create('mixed', 3, { chainId: 'mixed-1' })
  await fixture.untilReason('mixed', 'NodesPrepared', 'OtherGenesis')
  await fixture.until('mixed', 'the other to be recognised', pool =>
    (poolCondition(pool, 'NodesPrepared')?.message ?? '').startsWith('2 of 3 volumes are prepared'),
  )
  assert.deepEqual(await traces('mixed', 3), earlier)
  assert.equal(await fixture.base.get(seiNodes, 'mixed-0'), undefined)
  await remove('mixed')
  assert.deepEqual(await traces('mixed', 3), earlier)
})

test('R2: a recreated pool adopts the kept volumes, reports differences from its spec, and deletes them with it unless they are retained', async () => {
  await keep('again', 1)
  const uids = (await claimsOf('again', 1)).map(claim => claim?.metadata?.uid)
  await fixture.create('again', 1, {
    chainId: 'again-1',
    genesis: { params: { 'app_state.gov.voting_params.voting_period': '30s' } },
    storage: { storageClassName: 'no-such-class', size: '1Gi' },
  })
  const { status } = await fixture.untilReady('again')
  assert.deepEqual([status?.genesis?.volumeUID, status?.nodes?.[0]?.dataVolumeUID], uids)
  await fixture.untilEvent('again', 'VolumeAdopted')
  const reported = await fixture.untilReason('again', 'SpecValid', 'VolumesAdoptedAsIs')
  assert.match(reported.message, /spec\.genesis differs from the one that the ceremony used/)
  assert.match(reported.message, /of data-again-0 .*no-such-class, which does not exist.*spec\.storage\.size is 1Gi/)
  const owners = (await claimsOf('again', 1)).map(claim => claim?.metadata?.ownerReferences?.[0]?.kind)
  assert.deepEqual(owners, ['SeiNodePool', 'SeiNodePool'])
  await remove('again')
  for (const claim of ['again-genesis-data', 'data-again-0']) await fixture.untilGone(persistentVolumeClaims, claim)
})

test('failure mode 15: a kept network whose validator lost its volume starts that one only by consent', async () => {
  await keep('short', 1)
  const lost = await fixture.uidOf('data-short-0')
  await fixture.delete(persistentVolumeClaims, 'data-short-0')
  await fixture.untilGone(persistentVolumeClaims, 'data-short-0')
  await fixture.create('short', 1, { chainId: 'short-1', ...KEPT })
  const blocked = await fixture.untilReason('short', 'NodesPrepared', 'VolumeReplaced')
  assert.match(
    blocked.message,
    new RegExp(`data-short-0 of short-0 \\(uid ${lost}\\) is gone.*accept-volume of the pool to lost:${lost}`),
  )
  assert.equal(await fixture.uidOf('data-short-0'), undefined)
  await fixture.patch('short', { metadata: { annotations: { 'sei.io/accept-volume': `lost:${lost}` } } })
  await fixture.untilReady('short')
})
