/** Claims and volumes on the fake node, beside the real scheduler and the real protection controllers. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '../../src/kube/resources.ts'
import { Stage, conditionOf, containerOf, gatedPod } from '../support/fake-node-fixture.ts'
import { until } from '../support/until.ts'

const LATE_BINDING = `late-${randomUUID().slice(0, 8)}`
const RETAINED = `retained-${randomUUID().slice(0, 8)}`
let stage: Stage

before(async () => {
  stage = await Stage.open()
})

after(async () => {
  for (const name of [LATE_BINDING, `${LATE_BINDING}-2`, RETAINED]) {
    const made = await stage.client.get(storageClasses, { name })
    if (made) await stage.client.delete(storageClasses, { name }, { uid: made.metadata?.uid ?? '' })
  }
  await stage.close()
})

function bound(name: string) {
  return stage.until('Bound', persistentVolumeClaims, name, claim => claim.status?.phase === 'Bound')
}

test('a claim is bound to a volume of its size that names it', async () => {
  await stage.claim('plain')
  const claim = await bound('plain')
  assert.equal(claim.status?.capacity?.['storage'], '10Gi')
  const volumeName = claim.spec?.volumeName ?? ''
  const volume = await stage.until('Bound', persistentVolumes, volumeName, ({ status }) => status?.phase === 'Bound')
  assert.equal(volume.spec?.claimRef?.uid, claim.metadata?.uid)
  assert.equal(volume.spec?.storageClassName, 'gp3')
})

test('a claim of a class that does not exist stays Pending until the class is made', async () => {
  await stage.claim('early', LATE_BINDING)
  await stage.claim('other')
  await bound('other')
  const waiting = await stage.client.get(persistentVolumeClaims, stage.key('early'))
  assert.equal(waiting?.status?.phase, 'Pending')
  await stage.client.create(storageClasses, {
    metadata: { name: LATE_BINDING },
    provisioner: 'sei.io/fake',
    volumeBindingMode: 'Immediate',
  })
  await bound('early')
})

test('a class that waits for its first consumer binds when the scheduler has chosen a Node', async () => {
  const name = `${LATE_BINDING}-2`
  await stage.client.create(storageClasses, {
    metadata: { name },
    provisioner: 'sei.io/fake',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  await stage.claim('first-consumer', name)
  await stage.claim('meanwhile')
  await bound('meanwhile')
  const waiting = await stage.client.get(persistentVolumeClaims, stage.key('first-consumer'))
  assert.equal(waiting?.status?.phase, 'Pending')
  await stage.pod('consumer', gatedPod('first-consumer'))
  await bound('first-consumer')
  await stage.until(
    'its sidecar',
    pods,
    'consumer',
    pod => containerOf(pod, 'sei-sidecar')?.state?.running !== undefined,
  )
})

test('a larger request expands volume and claim', async () => {
  await stage.claim('grow')
  const { spec } = await bound('grow')
  const body = { spec: { resources: { requests: { storage: '20Gi' } } } }
  await stage.client.patch(persistentVolumeClaims, stage.key('grow'), body, { type: 'merge' })
  await stage.until('20Gi', persistentVolumeClaims, 'grow', claim => claim.status?.capacity?.['storage'] === '20Gi')
  const volume = await stage.client.get(persistentVolumes, { name: spec?.volumeName ?? '' })
  assert.equal(volume?.spec?.capacity?.['storage'], '20Gi')
})

test('a deleted claim takes its volume along, and its successor of the same name is empty', async () => {
  await stage.claim('short-lived')
  const { spec } = await bound('short-lived')
  stage.node.homeOf(stage.key('short-lived')).write('marker', 'x')
  await stage.remove(persistentVolumeClaims, 'short-lived')
  await stage.gone(persistentVolumeClaims, 'short-lived')
  await stage.gone(persistentVolumes, spec?.volumeName ?? '')

  await stage.claim('short-lived')
  await bound('short-lived')
  assert.equal(stage.node.homeOf(stage.key('short-lived')).read('marker'), undefined)
})

test('a volume whose class retains it outlives its claim, Released', async () => {
  const provisioner = 'sei.io/fake'
  await stage.client.create(storageClasses, { metadata: { name: RETAINED }, provisioner, reclaimPolicy: 'Retain' })
  await stage.claim('retained', RETAINED)
  const name = (await bound('retained')).spec?.volumeName ?? ''
  await stage.until('Bound', persistentVolumes, name, ({ status }) => status?.phase === 'Bound')
  await stage.remove(persistentVolumeClaims, 'retained')
  const volume = await stage.until('Released', persistentVolumes, name, ({ status }) => status?.phase === 'Released')
  await stage.client.delete(persistentVolumes, { name }, { uid: volume.metadata?.uid ?? '' })
  await stage.gone(persistentVolumes, name)
})

test('what a sidecar left on a volume is there for the next pod that mounts it', async () => {
  await stage.claim('kept')
  await stage.pod('first', gatedPod('kept'))
  const first = await stage.until('an address', pods, 'first', pod => pod.status?.podIP !== undefined)
  await stage.submit(first, 'configure-genesis', {})
  const marker = '.sei-sidecar-genesis-done'
  const home = stage.node.homeOf(stage.key('kept'))
  await until('the mark of the task on the volume', () => home.read(marker))
  await stage.remove(pods, 'first')
  await stage.gone(pods, 'first')
  assert.throws(() => stage.node.sidecarOf(stage.key('first')), /does not run on this node/)

  await stage.pod('second', gatedPod('kept'))
  const second = await stage.until('an address', pods, 'second', pod => pod.status?.podIP !== undefined)
  assert.notEqual(home.read(marker), undefined)
  await stage.submit(second, 'mark-ready')
  await stage.until('Ready', pods, 'second', pod => conditionOf(pod, 'Ready') === 'True')
})
