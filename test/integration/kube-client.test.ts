/** What the API client takes for granted of a real API server. Needs KUBECONFIG; everything happens in its own namespace. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Service } from 'kubernetes-types/core/v1.d.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { loadClusterConfig } from '../../src/kube/config.ts'
import { isAlreadyExists, isConflict, isGone, isInvalid } from '../../src/kube/errors.ts'
import { createKubeClient } from '../../src/kube/http-client.ts'
import { type ReflectorEvent, runReflector } from '../../src/kube/reflector.ts'
import {
  namespaces,
  persistentVolumeClaims,
  pods,
  serviceAccounts,
  services,
  statefulSets,
} from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { installCRDs } from '../support/install-crds.ts'
import { until } from '../support/until.ts'

if (!process.env['KUBECONFIG']) throw new Error('KUBECONFIG is not set: these tests need a real API server')

const client = createKubeClient(await loadClusterConfig({ env: process.env }))
const namespace = `kube-client-${randomUUID().slice(0, 8)}`
const fieldManager = 'kube-client-test'

before(async () => {
  await client.create(namespaces, { metadata: { name: namespace } })
})

after(async () => {
  const created = await client.get(namespaces, { name: namespace })
  await client.delete(namespaces, { name: namespace }, { uid: created?.metadata?.uid ?? '' })
  client.close()
})

function service(name: string, labels: Record<string, string> = {}): Service {
  return { metadata: { name, namespace, labels }, spec: { clusterIP: 'None', ports: [{ port: 80 }] } }
}

const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'x' }] } }
const setSpec = { serviceName: 'x', replicas: 0, selector: { matchLabels: { app: 'x' } }, template }

interface Creatable {
  readonly resource: Resource
  readonly body: object
}

for (const { resource, body } of [
  { resource: services, body: { spec: service('x').spec } },
  { resource: persistentVolumeClaims, body: { spec: claimSpec } },
  { resource: statefulSets, body: { spec: setSpec } },
] satisfies Creatable[]) {
  test(`createOnly creates an absent ${resource.kind} and never changes an existing one`, async () => {
    const object = (name: string, labels: Record<string, string>): KubeObject => ({
      ...body,
      metadata: { name, namespace, labels },
    })
    const ours = object('ours', { a: '1', b: '2' })
    const created = await client.apply<KubeObject>(resource, ours, { fieldManager, createOnly: true })
    assert.deepEqual(created.metadata?.labels, { a: '1', b: '2' })
    await assert.rejects(client.apply<KubeObject>(resource, ours, { fieldManager, createOnly: true }), isAlreadyExists)

    const foreign = await client.create<KubeObject>(resource, object('foreign', { owner: 'somebody' }))
    const stolen = object('foreign', { owner: 'me' })
    await assert.rejects(
      client.apply<KubeObject>(resource, stolen, { fieldManager, createOnly: true }),
      isAlreadyExists,
    )
    const key = { namespace, name: 'foreign' }
    const untouched = await client.get<KubeObject>(resource, key)
    // Its own controller writes its status meanwhile, so its version may move.
    assert.deepEqual(untouched?.metadata?.labels, { owner: 'somebody' })
    assert.equal(untouched?.metadata?.generation, foreign.metadata?.generation)
    assert.doesNotMatch(JSON.stringify(untouched?.metadata?.managedFields), new RegExp(`"manager":"${fieldManager}"`))
  })
}

test('of many createOnly at once exactly one creates', async () => {
  const attempts = Array.from({ length: 20 }, (_, i) =>
    client.apply(services, service('race', { attempt: `${i}` }), { fieldManager, createOnly: true }),
  )
  const results = await Promise.allSettled(attempts)
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  assert(results.every(result => result.status === 'fulfilled' || isAlreadyExists(result.reason)))
})

test('createOnly refuses to touch an object that is being deleted', async () => {
  const finalizers = ['example.com/hold']
  const held = await client.create(services, { ...service('held'), metadata: { name: 'held', namespace, finalizers } })
  await client.delete(services, { namespace, name: 'held' }, { uid: held.metadata?.uid ?? '' })
  await assert.rejects(client.apply(services, service('held'), { fieldManager, createOnly: true }), isAlreadyExists)
  await client.patch(services, { namespace, name: 'held' }, { metadata: { finalizers: null } }, { type: 'merge' })
})

test('what createOnly made, a later apply of the same manager owns: a field left out is removed', async () => {
  await client.apply(services, service('owned', { a: '1', b: '2' }), { fieldManager, createOnly: true })
  const applied = await client.apply(services, service('owned', { a: '1' }), { fieldManager })
  assert.deepEqual(applied.metadata?.labels, { a: '1' })
})

test('an apply of fields of another manager is a conflict that names them', async () => {
  await client.apply(services, service('shared', { a: '1' }), { fieldManager: 'somebody' })
  const error: unknown = await client.apply(services, service('shared', { a: '2' }), { fieldManager }).catch(e => e)
  assert(isConflict(error))
  assert.match(error.details?.causes?.[0]?.field ?? '', /labels\.a$/)
})

test('delete removes only the object with the UID', async () => {
  const created = await client.create(services, service('doomed'))
  const { uid = '', resourceVersion = '' } = created.metadata ?? {}
  const key = { namespace, name: 'doomed' }
  assert.equal(await client.delete(services, key, { uid: randomUUID() }), false)
  await assert.rejects(client.delete(services, key, { uid, resourceVersion: '1' }), isConflict)
  assert.equal(await client.delete(services, key, { uid, resourceVersion }), true)
  assert.equal(await client.delete(services, key, { uid }), false)
})

test('a pod, which is deleted gracefully, is protected by its UID as well', async () => {
  const spec = {
    containers: [{ name: 'c', image: 'x' }],
    serviceAccountName: 'default',
    automountServiceAccountToken: false,
  }
  await client.apply(serviceAccounts, { metadata: { name: 'default', namespace } }, { fieldManager })
  const pod = await client.create(pods, { metadata: { name: 'p', namespace }, spec })
  const key = { namespace, name: 'p' }
  assert.equal(await client.delete(pods, key, { uid: randomUUID(), gracePeriodSeconds: 0 }), false)
  assert.equal(await client.delete(pods, key, { uid: pod.metadata?.uid ?? '', gracePeriodSeconds: 0 }), true)
})

test('absence of an object and absence of its kind are distinguished', async () => {
  assert.equal(await client.get(services, { namespace, name: 'nowhere' }), undefined)
  const unknown = { group: 'example.com', version: 'v1', kind: 'Nothing', plural: 'nothings', namespaced: true }
  await assert.rejects(client.get(unknown, { namespace, name: 'a' }), { status: 404 })
})

test('failure mode 21: a status is written by itself, and a stale resourceVersion is a conflict', async () => {
  const created = await client.create(services, service('status'))
  const lastTransitionTime = new Date(0).toISOString()
  const condition = { type: 'Ready', status: 'True', reason: 'Tested', message: '', lastTransitionTime }
  const changed: Service = {
    ...created,
    spec: { ...created.spec, ports: [{ port: 81 }] },
    status: { conditions: [condition] },
  }
  const written = await client.replace(services, changed, { subresource: 'status', fieldManager })
  assert.equal(written.status?.conditions?.[0]?.reason, 'Tested')
  assert.equal(written.spec?.ports?.[0]?.port, 80)
  await assert.rejects(client.replace(services, created, { subresource: 'status' }), isConflict)
})

test('what the schema refuses names the field', async () => {
  const error: unknown = await client.create(services, { metadata: { name: 'No_Name', namespace } }).catch(e => e)
  assert(isInvalid(error))
  assert(error.details?.causes?.some(({ field }) => field === 'metadata.name'))
})

test('a watch from an expired version fails with 410', async () => {
  // A kind that came after the server started: it remembers nothing of the time before.
  await installCRDs(client)
  const options = { namespace, resourceVersion: '1', timeoutSeconds: 60, idleTimeoutMs: 60_000 }
  const read = async () => {
    for await (const _ of client.watch(seiNodes, options)) break
  }
  await assert.rejects(read(), isGone)
})

test('a reflector gets the present objects and every addition, change and deletion', async () => {
  await client.create(services, service('before', { watched: 'yes' }))
  const seen: string[] = []
  const stop = new AbortController()
  const errors: unknown[] = []
  const running = runReflector({
    client,
    resource: services,
    namespace,
    labelSelector: 'watched=yes',
    map: object => ({ ...object, metadata: { ...object.metadata, managedFields: [] } }),
    sink: event => seen.push(summary(event)),
    onError: error => errors.push(error),
    signal: stop.signal,
  })
  await until('the first list', () => (seen.length === 1 ? true : undefined))
  const created = await client.create(services, service('during', { watched: 'yes' }))
  await client.create(services, service('other', { watched: 'no' }))
  await client.apply(services, service('during', { watched: 'yes', more: 'x' }), { fieldManager, force: true })
  await client.delete(services, { namespace, name: 'during' }, { uid: created.metadata?.uid ?? '' })
  await until('four events', () => (seen.length === 4 ? true : undefined), { found: () => seen })
  stop.abort(new Error('seen enough'))
  await running
  assert.deepEqual(seen, ['replaced before', 'applied during', 'applied during', 'deleted during'])
  assert.deepEqual(errors, [])
})

function summary(event: ReflectorEvent<Service>): string {
  const objects = event.kind === 'replaced' ? event.items : [event.object]
  for (const { kind, metadata } of objects) assert.deepEqual([kind, metadata?.managedFields], ['Service', []])
  return `${event.kind} ${objects.map(({ metadata }) => metadata?.name).join()}`
}

test('a list of more than one page is whole', async () => {
  const labels = { page: 'yes' }
  const names = Array.from({ length: 501 }, (_, i) => `page-${i}`)
  const create = (name: string) => client.create(serviceAccounts, { metadata: { name, namespace, labels } })
  await Promise.all(names.map(create))
  const list = await client.list(serviceAccounts, { namespace, labelSelector: 'page=yes' })
  assert.equal(list.items.length, names.length)
  assert.deepEqual(new Set(list.items.map(({ metadata }) => metadata?.name)), new Set(names))
  assert.match(list.resourceVersion, /^[1-9]\d*$/)
})
