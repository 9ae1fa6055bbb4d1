/** Each verb's request as it goes over the wire, and what its answers mean. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient } from './client.ts'
import { isAlreadyExists, isConflict } from './errors.ts'
import { pods, services, statefulSets } from './resources.ts'
import { answer, failure, type Handler, scriptedServer } from './scripted-server.ts'

const key = { namespace: 'sei', name: 'a' }
const service = { metadata: { ...key } }

/** What one call puts on the wire. */
async function wire(call: (client: KubeClient) => Promise<unknown>) {
  await using server = await scriptedServer((_, response) => answer(response, 200, {}))
  await call(server.client())
  const [request] = server.requests
  assert(request)
  const query = Object.fromEntries(request.query)
  const body: unknown = request.body === '' ? undefined : JSON.parse(request.body)
  return { request: `${request.method} ${request.path}`, query, type: request.headers['content-type'], body }
}

const get = (client: KubeClient) => client.get(pods, key)
const remove = (client: KubeClient) => client.delete(pods, key, { uid: 'old', resourceVersion: '5' })
const apply = (client: KubeClient) => client.apply(services, service, { fieldManager: 'me' })
const applyNew = (client: KubeClient) => client.apply(services, service, { fieldManager: 'me', createOnly: true })

const missing: Handler = (_, response) => failure(response, 404, 'NotFound', { details: { name: 'a', kind: 'pods' } })
const noKind: Handler = (_, response) => response.writeHead(404).end('404 page not found\n')
const conflict =
  (details: { name: string; kind: string }, message = 'modified'): Handler =>
  (_, response) =>
    failure(response, 409, 'Conflict', { message, details })

async function withAnswer<T>(handler: Handler, call: (client: KubeClient) => Promise<T>): Promise<T> {
  await using server = await scriptedServer(handler)
  return await call(server.client())
}

test('create posts to the collection, with apiVersion and kind filled in', async () => {
  assert.deepEqual(await wire(client => client.create(services, service, { fieldManager: 'me' })), {
    request: 'POST /api/v1/namespaces/sei/services',
    query: { fieldManager: 'me' },
    type: 'application/json',
    body: { apiVersion: 'v1', kind: 'Service', ...service },
  })
})

test('replace puts the object, or its subresource', async () => {
  const { request, body } = await wire(client => client.replace(statefulSets, service, { subresource: 'status' }))
  assert.equal(request, 'PUT /apis/apps/v1/namespaces/sei/statefulsets/a/status')
  assert.deepEqual(body, { apiVersion: 'apps/v1', kind: 'StatefulSet', ...service })
})

test('apply sends exactly the given fields, and force only when asked', async () => {
  assert.deepEqual(await wire(apply), {
    request: 'PATCH /api/v1/namespaces/sei/services/a',
    query: { fieldManager: 'me' },
    type: 'application/apply-patch+yaml',
    body: { apiVersion: 'v1', kind: 'Service', ...service },
  })
  const forced = await wire(client => client.apply(services, service, { fieldManager: 'me', force: true }))
  assert.deepEqual(forced.query, { fieldManager: 'me', force: 'true' })
  const tried = await wire(client => client.apply(services, service, { fieldManager: 'me', dryRun: true }))
  assert.deepEqual(tried.query, { fieldManager: 'me', dryRun: 'All' })
})

test('apply with createOnly carries a version that no object has', async () => {
  const { body, query } = await wire(applyNew)
  assert.deepEqual(query, { fieldManager: 'me', force: 'true' })
  assert.deepEqual(body, { apiVersion: 'v1', kind: 'Service', metadata: { ...key, resourceVersion: '1' } })
})

test('each kind of patch has its media type', async () => {
  const merge = await wire(client => client.patch(pods, key, { a: 1 }, { type: 'merge', subresource: 'status' }))
  assert.deepEqual(merge, {
    request: 'PATCH /api/v1/namespaces/sei/pods/a/status',
    query: {},
    type: 'application/merge-patch+json',
    body: { a: 1 },
  })
  const json = await wire(client => client.patch(pods, key, [], { type: 'json' }))
  assert.equal(json.type, 'application/json-patch+json')
  const strategic = await wire(client => client.patch(pods, key, {}, { type: 'strategic' }))
  assert.equal(strategic.type, 'application/strategic-merge-patch+json')
})

test('delete sends its preconditions, framed so that no server can miss them', async () => {
  await using server = await scriptedServer((_, response) => answer(response, 200, {}))
  const client = server.client()
  assert.equal(await client.delete(pods, key, { uid: 'u', gracePeriodSeconds: 0, propagationPolicy: 'Orphan' }), true)
  const [request] = server.requests
  assert.equal(request?.headers['content-length'], String(request?.body.length))
  assert.deepEqual(JSON.parse(request?.body ?? ''), {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'u' },
    gracePeriodSeconds: 0,
    propagationPolicy: 'Orphan',
  })
})

test('an object that is not there is undefined; a kind that is not there is an error', async () => {
  assert.equal(await withAnswer(missing, get), undefined)
  await assert.rejects(withAnswer(noKind, get), /get pods sei\/a: 404 Not Found: 404 page not found/)
})

test('delete is false if the object does not exist or has another UID', async () => {
  assert.equal(await withAnswer(missing, remove), false)
  for (const message of [
    'the UID in the precondition (old) does not match the UID in record (new)',
    'Precondition failed: UID in precondition: old, UID in object meta: new',
  ]) {
    assert.equal(await withAnswer(conflict({ name: 'a', kind: 'Pod' }, message), remove), false)
  }
})

test('delete rejects where only the resourceVersion has moved on', async () => {
  const message = 'the ResourceVersion in the precondition (5) does not match the ResourceVersion in record (6)'
  await assert.rejects(withAnswer(conflict({ name: 'a', kind: 'Pod' }, message), remove), isConflict)
})

test('createOnly turns the conflict on its own object into AlreadyExists, and no other', async () => {
  await assert.rejects(withAnswer(conflict({ name: 'a', kind: 'services' }), applyNew), isAlreadyExists)
  await assert.rejects(withAnswer(conflict({ name: 'quota', kind: 'resourcequotas' }), applyNew), isConflict)
  await assert.rejects(withAnswer(conflict({ name: 'a', kind: 'services' }), apply), isConflict)
})

test('an object without a name or a namespace is refused before anything is sent', async () => {
  await assert.rejects(
    wire(client => client.apply(services, { metadata: { namespace: 'sei' } }, { fieldManager: 'me' })),
    /services: metadata.name is missing/,
  )
  await assert.rejects(
    wire(client => client.replace(services, { metadata: { name: 'a' } })),
    /services a: metadata.namespace is missing/,
  )
})
