/** Claims of a pool whose growth fails, that have another owner, or whose volume is lost. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MAXIMUM_SIZE } from '../../testing/fakes/node/volume-binding.ts'
import { persistentVolumeClaims, storageClasses } from '../../src/kube/resources.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { PoolFixture } from './pool-fixture.ts'

const NEXT = 'sei-protocol/seid:v6.5.0'

let fixture: PoolFixture
before(async () => {
  fixture = await PoolFixture.open()
})
after(() => fixture[Symbol.asyncDispose]())

async function requestOf(claim: string): Promise<string | undefined> {
  return (await fixture.base.get(persistentVolumeClaims, claim))?.spec?.resources?.requests?.['storage']
}

function patchClaim(claim: string, body: object, subresource?: 'status'): Promise<unknown> {
  const options = { type: 'merge', ...(subresource === undefined ? {} : { subresource }) } as const
  return fixture.client.patch(persistentVolumeClaims, fixture.base.key(claim), body, options)
}

function toSize(size: string | null): unknown {
  return { spec: { storage: { size } } }
}

test('a growth that the driver cannot do names the claim and the driver’s message, and can be taken back', async () => {
  const name = `${fixture.base.namespace}-limited`
  await fixture.client.create(storageClasses, {
    metadata: { name },
    provisioner: 'sei.io/fake',
    allowVolumeExpansion: true,
    parameters: { [MAXIMUM_SIZE]: '3000Gi' },
  })
  await fixture.create('grow', 3, { chainId: 'grow-1', storage: { size: '1000Gi', storageClassName: name } })
  await fixture.untilReady('grow')
  await fixture.patch('grow', toSize('20000Gi'))
  const failed = await fixture.untilReason('grow', 'SpecValid', 'ExpansionFailed')
  assert.match(
    failed.message,
    /PersistentVolumeClaim data-grow-\d was asked for 20000Gi and has 1000Gi: .*volume of 20000Gi is too large/,
  )
  await fixture.untilEvent('grow', 'ExpansionFailed')
  await fixture.patch('grow', toSize('500Gi'))
  const small = await fixture.untilReason('grow', 'SpecValid', 'DataVolumeTooSmall')
  assert.match(small.message, /data-grow-0 has 1000Gi already, which cannot shrink/)
  await fixture.patch('grow', toSize('2000Gi'))
  await fixture.untilReason('grow', 'SpecValid', 'Valid')
  for (const claim of ['data-grow-0', 'data-grow-1', 'data-grow-2']) assert.equal(await requestOf(claim), '2000Gi')
  await fixture.untilReady('grow')
  await fixture.patch('grow', toSize(null))
  await fixture.untilReason('grow', 'SpecValid', 'Valid')
  assert.equal(await requestOf('data-grow-0'), '2000Gi')
})

test('a prepared claim with another controller: changes reach its node, and no other is asked for', async () => {
  await fixture.create('lent', 1, { chainId: 'lent-1', storage: { retainOnDelete: true } })
  await fixture.untilReady('lent')
  const uid = await fixture.uidOf('data-lent-0')
  const owner = await fixture.base.base.claim('backup')
  const ownerReferences = [
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'backup', uid: owner.metadata?.uid, controller: true },
  ]
  await patchClaim('data-lent-0', { metadata: { ownerReferences } })
  const foreign = await fixture.untilReason('lent', 'NodesPrepared', 'VolumeForeign')
  assert.match(
    foreign.message,
    /PersistentVolumeClaim data-lent-0 belongs to PersistentVolumeClaim backup.*lent-0 keeps using the claim/,
  )
  await fixture.untilEvent('lent', 'VolumeForeign')
  await fixture.patch('lent', { spec: { nodeConfiguration: { image: NEXT } } })
  await until('the image to reach the node', async () => {
    const node = await fixture.seiNode('lent-0')
    const isReady = conditionOf(node, 'Ready')?.status === 'True' && node.spec.image === NEXT
    return (isReady && conditionOf(node, 'Ready')?.observedGeneration === node.metadata.generation) || undefined
  })
  assert.equal((await fixture.pool('lent'))?.status?.nodes?.[0]?.dataVolumeUID, uid)
  await patchClaim('data-lent-0', { metadata: { ownerReferences: null } })
  await fixture.untilReason('lent', 'NodesPrepared', 'Prepared')
  await fixture.untilReady('lent')
  assert.equal(await fixture.uidOf('data-lent-0'), uid)
})

test('a claim whose PersistentVolume is gone is reported with what to save, on the pool and on the node', async () => {
  await fixture.create('lost', 1, { chainId: 'lost-1' })
  await fixture.untilReady('lost')
  const [pod] = await fixture.podUIDs(['lost-0'])
  await patchClaim('data-lost-0', { status: { phase: 'Lost' } }, 'status')
  const lost = await fixture.untilReason('lost', 'NodesPrepared', 'VolumeLost')
  assert.match(
    lost.message,
    /data-lost-0 is Lost: .*lost-0-0 keeps the volume mounted.*save data\/priv_validator_state\.json/,
  )
  await fixture.untilEvent('lost', 'VolumeLost')
  await fixture.base.untilNode(
    'lost-0',
    'to be reported',
    node => conditionOf(node, 'VolumeHealthy')?.reason === 'VolumeLost',
  )
  assert.deepEqual(await fixture.podUIDs(['lost-0']), [pod])
})
