/** A gated pod on the fake node, placed by the real StatefulSet controller and the real scheduler. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { Informer } from '../../src/runtime/informer.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { until } from '../support/until.ts'
import { FakeNodeFixture, conditionOf, containerOf, gatedPod } from '../support/fake-node-fixture.ts'

let fixture: FakeNodeFixture
/** Every state of every pod, oldest first. */
const states: Readonly<Pod>[] = []
const stop = new AbortController()
let following: Promise<void>

before(async () => {
  fixture = await FakeNodeFixture.open({ crashBackoff: { initialMs: 1000, maxMs: 1000 } })
  const log = createLogger({ level: 'error', format: 'text' })
  const { client, namespace } = fixture
  const informer = new Informer({ client, resource: pods, namespaces: [namespace], log, clock: systemClock })
  informer.store.subscribe(({ object }) => states.push(object))
  following = informer.run(stop.signal)
})

after(async () => {
  stop.abort()
  await following
  await fixture.close()
})

/** The first state of the pod in which the container waits for that reason, though it may have passed since. */
function seen(reason: string, name: string, container: string): Promise<Readonly<Pod>> {
  return until(`${reason} of ${name}`, () =>
    states.find(pod => pod.metadata?.name === name && containerOf(pod, container)?.state?.waiting?.reason === reason),
  )
}

async function gated(name: string, changes: Parameters<FakeNodeFixture['statefulSet']>[1] = {}, on = fixture) {
  await on.claim(`data-${name}`)
  await on.statefulSet(name, changes)
  return on.until(
    'a running sidecar',
    pods,
    `${name}-0`,
    pod => containerOf(pod, 'sei-sidecar')?.state?.running !== undefined,
  )
}

function running(name: string, on = fixture) {
  return on.until('Ready', pods, `${name}-0`, pod => conditionOf(pod, 'Ready') === 'True')
}

test('a gated pod is Pending with an address until mark-ready, and Running right after it', async () => {
  const pending = await gated('gate')
  assert.equal(pending.status?.phase, 'Pending')
  assert.match(pending.status?.podIP ?? '', /^127\.\d+\.\d+\.\d+$/)
  assert.equal(containerOf(pending, 'seid-init')?.state?.terminated?.exitCode, 0)
  assert.equal(containerOf(pending, 'sei-sidecar')?.started, false)
  assert.equal(containerOf(pending, 'seid')?.state?.waiting?.reason, 'PodInitializing')
  assert.equal(conditionOf(pending, 'Initialized'), 'False')
  assert.equal(conditionOf(pending, 'PodScheduled'), 'True')
  assert.ok(fixture.node.nodeNames.sei.includes(pending.spec?.nodeName ?? ''), `on ${pending.spec?.nodeName}`)

  assert.equal((await fixture.submit(pending, 'mark-ready')).status, 201)
  const ready = await running('gate')
  assert.equal(ready.status?.phase, 'Running')
  assert.equal(containerOf(ready, 'sei-sidecar')?.started, true)
  assert.equal(containerOf(ready, 'seid')?.ready, true)
  assert.equal(conditionOf(ready, 'Initialized'), 'True')
  assert.equal(conditionOf(ready, 'PodScheduled'), 'True')
})

test('from its start to Ready a pod costs two status writes, its volume four writes', async () => {
  // One of its own: a write is counted when it is answered, and Ready may be seen before that.
  const own = await FakeNodeFixture.open()
  try {
    const pending = await gated('writes', {}, own)
    await own.submit(pending, 'mark-ready')
    await running('writes', own)
    // One more claim, so that a write too many would be seen.
    await own.claim('fence')
    await own.until('Bound', persistentVolumeClaims, 'fence', claim => claim.status?.phase === 'Bound')
    await until('the writes of both claims', () => (own.writes.filter(isOfVolumes).length === 8 ? true : undefined), {
      found: () => own.writes,
    })
    assert.equal(own.writes.filter(write => write === 'patch pods').length, 2)
    assert.deepEqual(own.writes.filter(isOfVolumes).slice(0, 4).toSorted(), [
      'create persistentvolumes',
      'patch persistentvolumeclaims',
      'patch persistentvolumeclaims',
      'patch persistentvolumes',
    ])
  } finally {
    await own.close()
  }
})

function isOfVolumes(write: string): boolean {
  return write.includes('persistentvolume')
}

test('a sidecar that restarts takes Ready from the pod, and leaves seid alone, until it is marked ready anew', async () => {
  const pending = await gated('restart')
  await fixture.submit(pending, 'mark-ready')
  const ready = await running('restart')

  await fixture.node.restartSidecar(fixture.key('restart-0'))
  const restarted = await fixture.until(
    'a second sidecar',
    pods,
    'restart-0',
    pod => containerOf(pod, 'sei-sidecar')?.restartCount === 1,
  )
  const sidecar = containerOf(restarted, 'sei-sidecar')
  assert.equal(sidecar?.started, false)
  assert.equal(sidecar?.ready, false)
  assert.notEqual(sidecar?.containerID, containerOf(ready, 'sei-sidecar')?.containerID)
  assert.equal(sidecar?.lastState?.terminated?.containerID, containerOf(ready, 'sei-sidecar')?.containerID)
  assert.equal(conditionOf(restarted, 'Ready'), 'False')
  assert.equal(conditionOf(restarted, 'Initialized'), 'True')
  assert.equal(restarted.status?.phase, 'Running')
  assert.deepEqual(containerOf(restarted, 'seid'), containerOf(ready, 'seid'))
  assert.equal(restarted.status?.podIP, ready.status?.podIP)

  await fixture.submit(restarted, 'mark-ready')
  await running('restart')
  assert.deepEqual(
    fixture.node.executionsOf(fixture.key('restart-0')).map(({ type }) => type),
    ['mark-ready', 'mark-ready'],
  )
})

test('seid that dies while the sidecar is not ready stays down until it is', async () => {
  const pending = await gated('down')
  await fixture.submit(pending, 'mark-ready')
  await running('down')
  await fixture.node.killSidecar(fixture.key('down-0'))
  await fixture.until('a second sidecar', pods, 'down-0', pod => containerOf(pod, 'sei-sidecar')?.restartCount === 1)
  fixture.node.killSeid(fixture.key('down-0'), 2)
  const dead = await fixture.until(
    'seid dead',
    pods,
    'down-0',
    pod => containerOf(pod, 'seid')?.state?.terminated !== undefined,
  )
  assert.equal(containerOf(dead, 'seid')?.state?.terminated?.exitCode, 2)
  assert.equal(dead.status?.phase, 'Running')

  await fixture.submit(dead, 'mark-ready')
  const back = await running('down')
  assert.equal(containerOf(back, 'seid')?.restartCount, 1)
})

test('seid that keeps dying is held back in CrashLoopBackOff', async () => {
  const pending = await gated('crash')
  await fixture.submit(pending, 'mark-ready')
  await running('crash')
  fixture.node.killSeid(fixture.key('crash-0'))
  await fixture.until('the first restart', pods, 'crash-0', pod => containerOf(pod, 'seid')?.restartCount === 1)
  fixture.node.killSeid(fixture.key('crash-0'))
  const held = await seen('CrashLoopBackOff', 'crash-0', 'seid')
  assert.equal(containerOf(held, 'seid')?.lastState?.terminated?.exitCode, 1)
  const back = await running('crash')
  assert.equal(containerOf(back, 'seid')?.restartCount, 2)
})

test('an image that cannot be pulled reads ErrImagePull, then ImagePullBackOff, until it can', async () => {
  await fixture.claim('data-image')
  await fixture.statefulSet('image', { sidecarImage: 'ghcr.io/does-not-exist:v0.0.40' })
  const failed = await seen('ErrImagePull', 'image-0', 'sei-sidecar')
  assert.match(containerOf(failed, 'sei-sidecar')?.state?.waiting?.message ?? '', /does-not-exist:v0\.0\.40/)
  assert.equal(failed.status?.phase, 'Pending')
  const held = await seen('ImagePullBackOff', 'image-0', 'sei-sidecar')
  assert.ok(Number(held.metadata?.resourceVersion) > Number(failed.metadata?.resourceVersion))
  fixture.node.setPullFailures(() => false)
  await fixture.until(
    'the sidecar',
    pods,
    'image-0',
    pod => containerOf(pod, 'sei-sidecar')?.state?.running !== undefined,
  )
})

test('a partition refuses connections to the sidecar and lasts until it is healed', async () => {
  const pending = await gated('cut')
  await fixture.node.partition(fixture.key('cut-0'), true)
  await assert.rejects(fixture.submit(pending, 'mark-ready'), (error: Error) =>
    /ECONNREFUSED/.test(String(error.cause)),
  )
  await fixture.node.partition(fixture.key('cut-0'), false)
  assert.equal((await fixture.submit(pending, 'mark-ready')).status, 201)
  await running('cut')
})

test('seid counts as ready only when a test says so', async () => {
  fixture.node.setSeidReady(fixture.key('sync-0'), false)
  const pending = await gated('sync')
  await fixture.submit(pending, 'mark-ready')
  const syncing = await fixture.until('Running', pods, 'sync-0', pod => pod.status?.phase === 'Running')
  assert.equal(containerOf(syncing, 'seid')?.started, true)
  assert.equal(conditionOf(syncing, 'Ready'), 'False')
  fixture.node.setSeidReady(fixture.key('sync-0'), true)
  await running('sync')
})

test('a pod whose sidecar lacks a variable that its release needs crash-loops', async () => {
  await fixture.claim('data-env')
  const spec = gatedPod('data-env')
  const sidecar = spec.initContainers?.[1]
  if (sidecar) delete sidecar.env
  await fixture.pod('env', spec)
  const failed = await fixture.until(
    'its exit',
    pods,
    'env',
    pod => (containerOf(pod, 'sei-sidecar')?.restartCount ?? 0) > 1,
  )
  const status = containerOf(failed, 'sei-sidecar')
  const exit = status?.state?.terminated ?? status?.lastState?.terminated
  assert.match(exit?.message ?? '', /required environment variable \w+ is not set/)
})
