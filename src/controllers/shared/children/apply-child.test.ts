/** Children whose name is taken, or was a moment ago; children that change, or do not. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { Service } from 'kubernetes-types/core/v1.d.ts'
import { API_VERSION } from '../../../api/names.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import { services } from '../../../kube/resources.ts'
import { answer, failure, type Handler, scriptedServer } from '../../../kube/scripted-server.ts'
import { Store } from '../../../runtime/store.ts'
import { nodeOwner } from '../../seinode/owner.ts'
import { applyChild, type Child, rehearseApply } from './apply-child.ts'
import { VerifiedChildren } from './verified-children.ts'

const owner = nodeOwner(seiNode('a'))
const { signal } = new AbortController()
const details = { name: 'a', kind: 'services' }
const made: Service = { metadata: { name: 'a', namespace: 'sei', uid: 'new' } }

/** The child of a cache that knows of none. */
function child(clusterIP?: string): Child<Service> {
  const store = new Store<Service>(object => object)
  const spec = clusterIP === undefined ? {} : { spec: { clusterIP } }
  const build = (): Service => ({ metadata: { name: 'a', namespace: 'sei' }, ...spec })
  return { resource: services, store, name: 'a', verified: new VerifiedChildren(), build }
}

test('an object that is deleted between the attempt to create ours and the read is no longer in the way', async () => {
  const script: ((response: ServerResponse) => void)[] = [
    response => failure(response, 409, 'Conflict', { details }),
    response => failure(response, 404, 'NotFound', { details }),
    response => answer(response, 201, made),
  ]
  await using server = await scriptedServer((_, response) => script.shift()?.(response))
  const state = await applyChild(server.client(), owner, child(), signal)
  assert.deepEqual(state, { kind: 'applied', object: made })
  assert.deepEqual(
    server.requests.map(({ method }) => method),
    ['PATCH', 'GET', 'PATCH'],
  )
})

test('an object that can be neither created nor found is reported, and not asked for without end', async () => {
  await using server = await scriptedServer(({ method }, response) =>
    method === 'GET'
      ? failure(response, 404, 'NotFound', { details })
      : failure(response, 409, 'Conflict', { details }),
  )
  await assert.rejects(applyChild(server.client(), owner, child(), signal), {
    message: 'Service sei/a: it can neither be created, since it exists, nor be found',
  })
  assert.equal(server.requests.length, 4)
})

/** A Service as the API server has it, in a cache, with whatever of it differs. */
function live(resourceVersion: string, more: Service['metadata'] = {}, clusterIP = 'None'): Service {
  const uid = owner.metadata.uid ?? ''
  const annotations = { 'sei.io/applied-hash': 'x' }
  const reference = { apiVersion: API_VERSION, kind: 'SeiNode', name: 'a', uid, controller: true }
  return {
    metadata: {
      name: 'a',
      namespace: 'sei',
      uid: 'svc',
      resourceVersion,
      ownerReferences: [reference],
      annotations,
      ...more,
    },
    spec: { clusterIP },
  }
}

/** Applies one child again and again; says how often it was built. */
async function observations(handler: Handler) {
  const server = await scriptedServer(handler)
  const store = new Store<Service>()
  const verified = new VerifiedChildren()
  let builds = 0
  return {
    store,
    server,
    verified,
    async observation(inputs: unknown, clusterIP = 'None') {
      const before = builds
      const build = (): Service => {
        builds++
        return { metadata: { name: 'a', namespace: 'sei' }, spec: { clusterIP } }
      }
      const service = { resource: services, store, name: 'a', build, verified, inputs }
      const { kind } = await applyChild(server.client(), owner, service, signal)
      return [kind, builds - before, server.requests.length]
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

test('a child that was found as it should be is built again only when it or what it is built from changes', async () => {
  await using scene = await observations((_, response) => answer(response, 500, {}))
  scene.store.applied(live('1'))
  assert.deepEqual(await scene.observation({ size: 1 }), ['applied', 1, 0])
  assert.deepEqual(await scene.observation({ size: 1 }), ['applied', 0, 0])
  assert.deepEqual(await scene.observation({ size: 2 }), ['applied', 1, 0])
  assert.deepEqual(await scene.observation({ size: 1 }), ['applied', 1, 0])
  scene.store.applied(live('2'))
  assert.deepEqual(await scene.observation({ size: 1 }), ['applied', 1, 0])
  assert.deepEqual(await scene.observation({ size: 1 }), ['applied', 0, 0])
})

test('a verified child that drifts is brought back, every time', async () => {
  let version = 10
  await using scene = await observations((_, response) => answer(response, 200, live(String(version++))))
  scene.store.applied(live('1'))
  assert.deepEqual(await scene.observation({}), ['applied', 1, 0])
  for (const requests of [1, 2]) {
    scene.store.applied(live(String(version++), {}, '10.0.0.1'))
    assert.deepEqual(await scene.observation({}), ['applied', 1, requests])
    assert.deepEqual(await scene.observation({}), ['applied', 1, requests])
    assert.deepEqual(await scene.observation({}), ['applied', 0, requests])
  }
})

test('a verified child that is made anew, deleted or taken by another is not taken for what it was', async () => {
  await using scene = await observations((_, response) => answer(response, 201, live('9', { uid: 'other' })))
  scene.store.applied(live('1'))
  await scene.observation({})
  scene.store.applied(live('2', { deletionTimestamp: '2026-05-01T12:00:00Z' }))
  assert.deepEqual(await scene.observation({}), ['terminating', 0, 0])
  scene.store.applied(live('3', { ownerReferences: [], labels: {} }))
  assert.deepEqual(await scene.observation({}), ['foreign', 0, 0])
  scene.store.deleted(live('4'))
  assert.deepEqual(await scene.observation({}), ['applied', 1, 1])
})

/** A mutating policy gives every Service this address. */
const REWRITTEN_IP = '10.0.0.1'

test('a child that admission rewrites is applied once, and again when it is edited or another is wanted', async () => {
  let version = 10
  const rewrite: Handler = (_, response) => answer(response, 200, live(String(version++), {}, REWRITTEN_IP))
  await using scene = await observations(rewrite)
  scene.store.applied(live('1', {}, REWRITTEN_IP))
  for (const _ of ['applied', 'as answered', 'its status changed']) {
    const [kind, , requests] = await scene.observation(undefined)
    assert.deepEqual([kind, requests], ['applied', 1])
    scene.store.applied(live(String(version++), {}, REWRITTEN_IP))
  }
  assert.deepEqual(scene.verified.rewritten, [
    {
      kind: 'Service',
      name: 'a',
      differences: [{ path: 'spec.clusterIP', wanted: 'None', found: REWRITTEN_IP }],
    },
  ])
  scene.store.applied(live(String(version++), {}, '10.0.0.2'))
  for (const _ of ['edited', 'as answered']) assert.equal((await scene.observation(undefined))[2], 2)
  for (const _ of ['wanted otherwise', 'as answered'])
    assert.equal((await scene.observation(undefined, '10.0.0.3'))[2], 3)
})

test('a new child that admission rewrites is not applied again', async () => {
  await using scene = await observations((_, response) => answer(response, 201, live('1', {}, REWRITTEN_IP)))
  for (const _ of ['made', 'as answered']) assert.equal((await scene.observation(undefined))[2], 1)
})

test('a rehearsal stores nothing, and tells a child that admission rewrote from one that was edited', async () => {
  await using server = await scriptedServer((_, response) => answer(response, 200, live('1', {}, REWRITTEN_IP)))
  const rehearsed = child('None')
  await rehearseApply(server.client(), rehearsed, live('1', {}, REWRITTEN_IP), signal)
  assert.equal(server.requests[0]?.query.get('dryRun'), 'All')
  assert.deepEqual(rehearsed.verified.answerOf('Service', 'a'), [
    { path: 'spec.clusterIP', wanted: 'None', found: REWRITTEN_IP },
  ])
  assert.equal(rehearsed.store.get('sei/a'), undefined)
})

test('a rehearsal that the API server refuses tells nothing', async () => {
  await using server = await scriptedServer((_, response) => failure(response, 403, 'Forbidden', { details }))
  const rehearsed = child('None')
  await rehearseApply(server.client(), rehearsed, live('1', {}, REWRITTEN_IP), signal)
  assert.equal(rehearsed.verified.answerOf('Service', 'a'), undefined)
})

test('a child that repeats values of the live object is applied to the state that was read alone, so that an unseen change is not undone', async () => {
  for (const isLocked of [false, true]) {
    await using server = await scriptedServer((_, response) => failure(response, 409, 'Conflict', { details }))
    const locked = { ...child('10.0.0.1'), isLocked }
    locked.store.applied(live('7'))
    await assert.rejects(applyChild(server.client(), owner, locked, signal), /409 Conflict/)
    const sent = server.requests.map(({ body }) => {
      const object: Service = JSON.parse(body)
      return object.metadata?.resourceVersion
    })
    assert.deepEqual(sent, [isLocked ? '7' : undefined])
  }
})

test('an object of an earlier operator is applied to the state that its takeover left, by one attempt', async () => {
  const { uid } = owner.metadata
  const left = (resourceVersion: string): Service =>
    live(resourceVersion, {
      annotations: {},
      managedFields: [
        {
          manager: 'earlier',
          operation: 'Update',
          fieldsV1: { 'f:metadata': { 'f:ownerReferences': { [`k:{"uid":"${uid}"}`]: {} } } },
        },
      ],
    })
  for (const [isCached, expected] of [
    [true, ['GET', 'PATCH', 'PATCH']],
    [false, ['PATCH', 'GET', 'GET', 'PATCH', 'PATCH']],
  ] as const) {
    await using server = await scriptedServer(({ method, headers, body }, response) => {
      if (method === 'GET') return answer(response, 200, left('8'))
      if (headers['content-type'] === 'application/json-patch+json') return answer(response, 200, left('9'))
      const { metadata }: Service = JSON.parse(body)
      const isCreation = metadata?.uid === undefined
      failure(response, isCreation ? 409 : 422, isCreation ? 'Conflict' : 'Invalid', { details })
    })
    const locked = { ...child('10.0.0.1'), isLocked: true }
    if (isCached) locked.store.applied(left('7'))
    const state = await applyChild(server.client(), owner, locked, signal)
    assert.equal(state.kind, 'refused')
    assert.deepEqual(
      server.requests.map(({ method }) => method),
      expected,
    )
    const applied: Service = JSON.parse(server.requests.at(-1)?.body ?? '')
    assert.equal(applied.metadata?.resourceVersion, '9')
    // A second attempt of the same reconcile begins with what the first one left.
    assert.equal(locked.store.get('sei/a')?.metadata?.resourceVersion, isCached ? '9' : undefined)
  }
})
