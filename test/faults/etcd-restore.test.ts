/** etcd is restored from a backup under the running operator: from then on it acts on what is there, not on what was. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { resolveBinaries } from '../../testing/controlplane/binaries.ts'
import { startControlPlane, type ControlPlane } from '../../testing/controlplane/cluster.ts'
import { environmentOf } from '../../testing/controlplane/environment.ts'
import { services, statefulSets } from '../../src/kube/resources.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { Informer } from '../../src/runtime/informer.ts'
import { LeaderElector } from '../../src/runtime/leader-election.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

const [KEPT, LOST, LATER] = ['v6.4.0', 'v6.4.1', 'v6.4.2'].map(tag => `sei-protocol/seid:${tag}`)

const log = createLogger({ level: 'error', format: 'text', destination: { write: () => undefined } })

let plane: ControlPlane
let fixture: OperatorFixture

before(async () => {
  plane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(plane))
  fixture = await OperatorFixture.open({ node: { log } })
})

after(async () => {
  await fixture[Symbol.asyncDispose]()
  await plane.stop()
})

async function imageOf(name: string): Promise<string | undefined> {
  const set = await fixture.get(statefulSets, name)
  return set?.spec?.template.spec?.containers.find(container => container.name === 'seid')?.image
}

function untilImage(name: string, image: string | undefined): Promise<true> {
  return until(
    `StatefulSet ${name} to have ${image}`,
    async () => ((await imageOf(name)) === image ? true : undefined),
    { found: async () => ({ image: await imageOf(name), operator: fixture.operator.log }) },
  )
}

test('with higher revisions: the restored spec applies, missing objects are removed from the caches, and changes are followed', async () => {
  await fixture.create('kept', { ...GENESIS_SPEC, image: KEPT ?? '' })
  await fixture.untilRunning('kept')
  await plane.backUpEtcd()
  await fixture.patch('kept', { spec: { image: LOST } })
  await untilImage('kept', LOST)
  await fixture.create('lost')
  await until('the lost node to have its StatefulSet', async () => await fixture.get(statefulSets, 'lost'))

  await plane.restoreEtcd('bumped')
  // Until it has listed all kinds again, the operator may write what it knew before.
  await untilImage('kept', KEPT)
  // A change by hand is undone from the spec: the one that is there.
  const byHand = { template: { spec: { containers: [{ name: 'seid', image: 'changed-by-hand' }] } } }
  await fixture.client.patch(statefulSets, fixture.key('kept'), { spec: byHand }, { type: 'strategic' })
  await untilImage('kept', KEPT)
  await fixture.patch('kept', { spec: { image: LATER } })
  await untilImage('kept', LATER)
  // What the operator made while it listed one kind after the other has an owner that is not there.
  await until(
    'all of the lost node to be gone',
    async () => ((await fixture.get(statefulSets, 'lost')) ? undefined : true),
    { deadlineMs: 120_000, found: () => fixture.operator.log },
  )
})

test('with lower revisions: the lease reveals it, and the caches match the server', async () => {
  const { client, namespace } = fixture
  const stop = new AbortController()
  const informer = new Informer({ client, resource: services, namespaces: [namespace], log, clock: systemClock })
  let restores = 0
  const elector = new LeaderElector({
    client,
    lease: { namespace, name: 'restored' },
    identity: 'test',
    // An API server takes its time to start again.
    leaseDurationMs: 300_000,
    renewDeadlineMs: 240_000,
    clock: systemClock,
    log,
    onRestored: () => {
      restores += 1
      informer.relist()
    },
  })
  const service = (name: string, port: number) => ({ metadata: fixture.key(name), spec: { ports: [{ port }] } })
  const portOf = (name: string): number | undefined =>
    informer.store.get(`${namespace}/${name}`)?.spec?.ports?.[0]?.port
  const change = (name: string, port: number) =>
    client.patch(services, fixture.key(name), { spec: { ports: [{ port }] } }, { type: 'merge' })
  const running = informer.run(stop.signal)
  await elector.acquire(stop.signal)
  const holding = elector.hold(stop.signal)
  try {
    await client.create(services, service('changed', 1))
    await client.create(services, service('deleted', 1))
    await plane.backUpEtcd()
    await change('changed', 2)
    const deleted = await client.get(services, fixture.key('deleted'))
    await client.delete(services, fixture.key('deleted'), { uid: deleted?.metadata?.uid ?? '' })
    informer.store.observeWrite(await client.create(services, service('created', 1)))
    await until('the cache to have all of it', () =>
      portOf('changed') === 2 && portOf('deleted') === undefined && portOf('created') === 1 ? true : undefined,
    )

    await plane.restoreEtcd('plain')
    await until('the lease to tell', () => (restores > 0 ? true : undefined))
    const shown = () => ['changed', 'deleted', 'created'].map(portOf)
    await until(
      'the cache to be what there is',
      () => (portOf('changed') === 1 && portOf('deleted') === 1 && portOf('created') === undefined ? true : undefined),
      { found: shown },
    )
    await change('changed', 3)
    await until('the cache to follow', () => (portOf('changed') === 3 ? true : undefined), { found: shown })
    assert.equal(restores, 1)
  } finally {
    stop.abort()
    await Promise.all([running, holding])
  }
})
