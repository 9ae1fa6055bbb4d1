/** What the controller runtime takes for granted of a real API server, cut connections included. Needs KUBECONFIG. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { after, before, test, type TestContext } from 'node:test'
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts'
import { loadClusterConfig } from '../../src/kube/config.ts'
import { createKubeClient } from '../../src/kube/http-client.ts'
import { events as coreEvents, leases, namespaces } from '../../src/kube/resources.ts'
import type { Resource } from '../../src/kube/types.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { Controller } from '../../src/runtime/controller.ts'
import { EventRecorder } from '../../src/runtime/events.ts'
import { Informer } from '../../src/runtime/informer.ts'
import { keyOf } from '../../src/runtime/object-key.ts'
import { LeaderElector } from '../../src/runtime/leader-election.ts'
import { createLogger } from '../../src/runtime/log.ts'
import { Manager } from '../../src/runtime/manager.ts'
import { Metrics } from '../../src/runtime/metrics.ts'
import { until } from '../support/until.ts'

if (!process.env['KUBECONFIG']) {
  throw new Error('KUBECONFIG is not set: these tests need a real API server; `make test` starts one')
}

const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}
const config = await loadClusterConfig({ env: process.env })
const client = createKubeClient(config)
const namespace = `runtime-${randomUUID().slice(0, 8)}`
const labels = { app: 'runtime-test' }
const log = createLogger({ level: 'error', format: 'text' })
const silent = createLogger({ level: 'error', format: 'json', destination: { write: () => {} } })

before(async () => {
  await client.create(namespaces, { metadata: { name: namespace } })
})

after(async () => {
  const created = await client.get(namespaces, { name: namespace })
  await client.delete(namespaces, { name: namespace }, { uid: created?.metadata?.uid ?? '' })
  client.close()
})

function create(
  name: string,
  data: Record<string, string> = {},
  more: Record<string, string> = labels,
): Promise<ConfigMap> {
  return client.create(configMaps, { metadata: { name, namespace, labels: more }, data })
}

async function remove(object: ConfigMap): Promise<void> {
  await client.delete(configMaps, { namespace, name: object.metadata?.name ?? '' }, { uid: object.metadata?.uid ?? '' })
}

/** Runs an informer for the labelled ConfigMaps of the namespace until the test is over, and records its changes. */
async function follow(t: TestContext, through: typeof client) {
  const stop = new AbortController()
  const informer = new Informer({
    client: through,
    resource: configMaps,
    namespaces: [namespace],
    labelSelector: 'app=runtime-test',
    log: silent,
    clock: systemClock,
  })
  const running = informer.run(stop.signal)
  t.after(async () => {
    stop.abort()
    await running
  })
  await informer.synced
  const changes: string[] = []
  informer.store.subscribe(({ type, object }) =>
    changes.push(`${type} ${object.metadata?.name} ${object.data?.['v'] ?? ''}`.trim()),
  )
  changes.length = 0
  return { store: informer.store, changes }
}

/** Passes connections on to the API server until it is cut. */
async function cuttableLink(t: TestContext) {
  const { hostname, port } = new URL(config.server)
  const sockets = new Set<Socket>()
  const listener = createServer(near => {
    const far = connect(Number(port), hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  const open = async (at: number) => {
    listener.listen(at, '127.0.0.1')
    await once(listener, 'listening')
  }
  await open(0)
  const address = listener.address()
  assert.ok(address !== null && typeof address === 'object')
  const servername = config.tls.servername ?? hostname
  const tls = /^[\d.:]+$/.test(servername) ? config.tls : { ...config.tls, servername }
  const linked = createKubeClient({ ...config, server: `https://127.0.0.1:${address.port}`, tls })
  const cut = async () => {
    const closed = once(listener, 'close')
    listener.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  t.after(async () => {
    linked.close()
    if (listener.listening) await cut()
  })
  return { client: linked, cut, mend: () => open(address.port) }
}

const isTrue = (condition: () => boolean) => () => condition() || undefined

test('an informer follows what others do to the objects that its selector picks, and to no other', async t => {
  const first = await create('there-before', { v: '0' })
  const { store, changes } = await follow(t, client)
  assert.deepEqual(
    Array.from(store.values(), object => keyOf(object)),
    [`${namespace}/there-before`],
  )
  assert.equal(store.get(`${namespace}/there-before`)?.metadata?.managedFields, undefined)
  await create('not-ours', {}, {})
  await create('a', { v: '1' })
  await client.patch(configMaps, { namespace, name: 'a' }, { data: { v: '2' } }, { type: 'merge' })
  await client.patch(configMaps, { namespace, name: 'a' }, { metadata: { labels: { app: null } } }, { type: 'merge' })
  await remove(first)
  const expected = ['added a 1', 'updated a 2', 'deleted a 2', 'deleted there-before 0']
  await until(
    'all changes',
    isTrue(() => changes.length >= 4),
    { found: () => changes },
  )
  assert.deepEqual(changes, expected)
  assert.equal(store.size, 0)
})

test('an own write is in the store at once, and its echo is no change', async t => {
  const { store, changes } = await follow(t, client)
  const created = await create('own', { v: '1' })
  store.observeWrite(created)
  assert.equal(store.get(`${namespace}/own`)?.data?.['v'], '1')
  const written = await client.patch(configMaps, { namespace, name: 'own' }, { data: { v: '2' } }, { type: 'merge' })
  store.observeWrite(written)
  await remove(written)
  await until(
    'the deletion',
    isTrue(() => store.size === 0),
  )
  // The watch delivered both writes before the deletion.
  assert.deepEqual(changes, ['added own 1', 'updated own 2', 'deleted own 2'])
})

test('what happens while the API server cannot be reached is caught up with, a recreation as two changes', async t => {
  const [goes, replaced] = [await create('goes'), await create('replaced', { v: 'old' })]
  const link = await cuttableLink(t)
  const { store, changes } = await follow(t, link.client)
  assert.equal(store.size, 2)
  await link.cut()
  await remove(goes)
  await remove(replaced)
  await create('replaced', { v: 'new' })
  await create('comes')
  assert.equal(store.size, 2)
  await link.mend()
  await until(
    'four changes',
    isTrue(() => changes.length >= 4),
    { found: () => changes },
  )
  assert.deepEqual(
    changes.toSorted((a, b) => a.localeCompare(b)),
    ['added comes', 'added replaced new', 'deleted goes', 'deleted replaced old'],
  )
  for (const object of store.values()) await remove({ ...object })
})

test('the API server accepts events: plain, long, and repeated', async () => {
  const regarding = await create('regarding', {}, {})
  let now = Date.now()
  const clock = { ...systemClock, monotonic: () => now }
  const outcomes: string[] = []
  const recorder = new EventRecorder({
    client,
    controller: 'example.io/runtime-test',
    instance: 'host_1',
    log,
    clock,
    onOutcome: outcome => outcomes.push(outcome),
  })
  const input = { regarding, type: 'Warning', reason: 'Tested', note: 'é'.repeat(2000), action: 'Test' } as const
  recorder.event(input)
  recorder.event(input)
  now += 11 * 60_000
  recorder.event(input)
  await recorder.flush(10_000)
  recorder.stop()
  assert.deepEqual(outcomes, ['aggregated', 'posted', 'posted'])
  const { items } = await client.list(coreEvents, { namespace, fieldSelector: 'involvedObject.name=regarding' })
  const seen = items.map(({ type, series, involvedObject }) => `${type} ${series?.count ?? 1} ${involvedObject.uid}`)
  const uid = regarding.metadata?.uid
  assert.deepEqual(new Set(seen), new Set([`Warning 1 ${uid}`, `Warning 2 ${uid}`]))
})

test('failure mode 39: two managers never work at once, the second leads when the first stops, and both survive an outage', async t => {
  const link = await cuttableLink(t)
  const working: string[] = []
  const manage = (name: string) => {
    const metrics = new Metrics()
    const informer = new Informer({
      client: link.client,
      resource: configMaps,
      namespaces: [namespace],
      labelSelector: 'app=managed',
      log: silent,
      clock: systemClock,
    })
    const controller = new Controller({
      name: 'test',
      log: silent,
      metrics,
      clock: systemClock,
      async reconcile(key, { signal }) {
        const object = informer.store.get(key)
        if (object === undefined || object.data?.['by'] === name) return {}
        working.push(name)
        const at = { namespace, name: object.metadata?.name ?? '' }
        const body = { metadata: { resourceVersion: object.metadata?.resourceVersion }, data: { by: name } }
        informer.store.observeWrite(await link.client.patch(configMaps, at, body, { type: 'merge', signal }))
        return {}
      },
    })
    controller.watch(informer, object => [keyOf(object)])
    const elector = new LeaderElector({
      client: link.client,
      lease: { namespace, name: 'managers' },
      identity: name,
      retryPeriodMs: 200,
      clock: systemClock,
      log: silent,
    })
    const bind = { host: '127.0.0.1', port: 0 }
    const manager = new Manager({
      informers: [informer],
      controllers: [controller],
      leaderElection: elector,
      metrics,
      healthBindAddress: bind,
      metricsBindAddress: bind,
      log: silent,
      clock: systemClock,
    })
    const stop = new AbortController()
    const running = manager.run(stop.signal)
    t.after(() => stop.abort())
    const ready = async () => {
      if (manager.healthPort === undefined) return undefined
      const response = await fetch(`http://127.0.0.1:${manager.healthPort}/readyz`)
      return response.ok || undefined
    }
    return { elector, ready, stop: () => (stop.abort(), running) }
  }
  const by = async (name: string) => (await client.get(configMaps, { namespace, name }))?.data?.['by']
  const first = manage('first')
  await until(
    'the first to lead',
    isTrue(() => first.elector.leading),
  )
  const second = manage('second')
  await until('the second to be ready', second.ready)
  await create('m1', {}, { app: 'managed' })
  await until('the first to reconcile', async () => (await by('m1')) === 'first' || undefined)
  await link.cut()
  await create('m2', {}, { app: 'managed' })
  await link.mend()
  await until('the first to catch up', async () => (await by('m2')) === 'first' || undefined)
  assert.deepEqual(new Set(working), new Set(['first']))
  await first.stop()
  await until('the second to follow', async () => (await by('m2')) === 'second' || undefined)
  assert.equal(second.elector.leading, true)
  await second.stop()
  const lease = await client.get(leases, { namespace, name: 'managers' })
  assert.equal(lease?.spec?.holderIdentity, undefined)
  assert.equal(lease?.spec?.leaseTransitions, 1)
})
