/** Claims and volumes on the fake node, beside the real scheduler and the real protection controllers. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '../../src/kube/resources.ts'
import { FakeNodeFixture, conditionOf, containerOf, gatedPod } from '../support/fake-node-fixture.ts'
import { until } from '../support/until.ts'

const LATE_BINDING = `late-${randomUUID().slice(0, 8)}`
const RETAINED = `retained-${randomUUID().slice(0, 8)}`
let fixture: FakeNodeFixture

before(async () => {
  fixture = await FakeNodeFixture.open()
})

after(async () => {
  for (const name of [LATE_BINDING, `${LATE_BINDING}-2`, RETAINED]) {
    const made = await fixture.client.get(storageClasses, { name })
    if (made) await fixture.client.delete(storageClasses, { name }, { uid: made.metadata?.uid ?? '' })
  }
  await fixture.close()
})

function bound(name: string) {
  return fixture.until('Bound', persistentVolumeClaims, name, claim => claim.status?.phase === 'Bound')
}

test('a claim is bound to a volume of its size that names it', async () => {
  await fixture.claim('plain')
  const claim = await bound('plain')
  assert.equal(claim.status?.capacity?.['storage'], '10Gi')
  const volumeName = claim.spec?.volumeName ?? ''
  const volume = await fixture.until('Bound', persistentVolumes, volumeName, ({ status }) => status?.phase === 'Bound')
  assert.equal(volume.spec?.claimRef?.uid, claim.metadata?.uid)
  assert.equal(volume.spec?.storageClassName, 'gp3')
})

test('a claim of a class that does not exist stays Pending until the class is made', async () => {
  await fixture.claim('early', LATE_BINDING)
  await fixture.claim('other')
  await bound('other')
  const waiting = await fixture.client.get(persistentVolumeClaims, fixture.key('early'))
  assert.equal(waiting?.status?.phase, 'Pending')
  await fixture.client.create(storageClasses, {
    metadata: { name: LATE_BINDING },
    provisioner: 'sei.io/fake',
    volumeBindingMode: 'Immediate',
  })
  await bound('early')
})

test('a class that waits for its first consumer binds when the scheduler has chosen a Node', async () => {
  const name = `${LATE_BINDING}-2`
  await fixture.client.create(storageClasses, {
    metadata: { name },
    provisioner: 'sei.io/fake',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  await fixture.claim('first-consumer', name)
  await fixture.claim('meanwhile')
  await bound('meanwhile')
  const waiting = await fixture.client.get(persistentVolumeClaims, fixture.key('first-consumer'))
  assert.equal(waiting?.status?.phase, 'Pending')
  await fixture.pod('consumer', gatedPod('first-consumer'))
  await bound('first-consumer')
  await fixture.until(
    'its sidecar',
    pods,
    'consumer',
    pod => containerOf(pod, 'sei-sidecar')?.state?.running !== undefined,
  )
})

test('a larger request expands volume and claim', async () => {
  await fixture.claim('grow')
  const { spec } = await bound('grow')
  const body = { spec: { resources: { requests: { storage: '20Gi' } } } }
  await fixture.client.patch(persistentVolumeClaims, fixture.key('grow'), body, { type: 'merge' })
  await fixture.until('20Gi', persistentVolumeClaims, 'grow', claim => claim.status?.capacity?.['storage'] === '20Gi')
  const volume = await fixture.client.get(persistentVolumes, { name: spec?.volumeName ?? '' })
  assert.equal(volume?.spec?.capacity?.['storage'], '20Gi')
})

test('a deleted claim takes its volume along, and its successor of the same name is empty', async () => {
  await fixture.claim('short-lived')
  const { spec } = await bound('short-lived')
  fixture.node.homeOf(fixture.key('short-lived')).write('marker', 'x')
  await fixture.remove(persistentVolumeClaims, 'short-lived')
  await fixture.gone(persistentVolumeClaims, 'short-lived')
  await fixture.gone(persistentVolumes, spec?.volumeName ?? '')

  await fixture.claim('short-lived')
  await bound('short-lived')
  assert.equal(fixture.node.homeOf(fixture.key('short-lived')).read('marker'), undefined)
})

test('a volume whose class retains it outlives its claim, Released', async () => {
  const provisioner = 'sei.io/fake'
  await fixture.client.create(storageClasses, { metadata: { name: RETAINED }, provisioner, reclaimPolicy: 'Retain' })
  await fixture.claim('retained', RETAINED)
  const name = (await bound('retained')).spec?.volumeName ?? ''
  await fixture.until('Bound', persistentVolumes, name, ({ status }) => status?.phase === 'Bound')
  await fixture.remove(persistentVolumeClaims, 'retained')
  const volume = await fixture.until('Released', persistentVolumes, name, ({ status }) => status?.phase === 'Released')
  await fixture.client.delete(persistentVolumes, { name }, { uid: volume.metadata?.uid ?? '' })
  await fixture.gone(persistentVolumes, name)
})

test('what a sidecar left on a volume is there for the next pod that mounts it', async () => {
  await fixture.claim('kept')
  await fixture.pod('first', gatedPod('kept'))
  const first = await fixture.until('an address', pods, 'first', pod => pod.status?.podIP !== undefined)
  await fixture.submit(first, 'configure-genesis', {})
  const marker = '.sei-sidecar-genesis-done'
  const home = fixture.node.homeOf(fixture.key('kept'))
  await until('the mark of the task on the volume', () => home.read(marker))
  await fixture.remove(pods, 'first')
  await fixture.gone(pods, 'first')
  assert.throws(() => fixture.node.sidecarOf(fixture.key('first')), /does not run on this node/)

  await fixture.pod('second', gatedPod('kept'))
  const second = await fixture.until('an address', pods, 'second', pod => pod.status?.podIP !== undefined)
  assert.notEqual(home.read(marker), undefined)
  await fixture.submit(second, 'mark-ready')
  await fixture.until('Ready', pods, 'second', pod => conditionOf(pod, 'Ready') === 'True')
})
