/** Tests of the informer over HTTP, against a server that answers as the test says. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { Handler } from '../kube/scripted-server.ts'
import { answer, failure, scriptedServer } from '../kube/scripted-server.ts'
import type { KubeObject, Resource } from '../kube/types.ts'
import { systemClock } from './clock.ts'
import { Informer, withoutBookkeeping } from './informer.ts'
import { createLogger } from './log.ts'
import type { Store } from './store.ts'

const things: Resource = { group: 'example.io', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true }

function thing(namespace: string, name: string, version: number): KubeObject {
  return { metadata: { namespace, name, uid: `uid-${name}`, resourceVersion: String(version), managedFields: [{}] } }
}

/** Runs an informer for the things of some namespaces until it is disposed of. */
async function setUp(handler: Handler, namespaces: string[] = [], isOptional = false) {
  const server = await scriptedServer(handler)
  const lines: string[] = []
  const stop = new AbortController()
  let failures = 0
  const informer = new Informer({
    client: server.client(),
    resource: things,
    namespaces,
    isOptional,
    labelSelector: 'app',
    log: createLogger({ level: 'info', format: 'text', destination: { write: line => void lines.push(line) } }),
    clock: systemClock,
    onFailure: () => failures++,
  })
  const running = informer.run(stop.signal)
  return {
    server,
    informer,
    lines,
    failures: () => failures,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await server[Symbol.asyncDispose]()
    },
  }
}

function list(response: ServerResponse, version: number, items: KubeObject[]): void {
  answer(response, 200, { metadata: { resourceVersion: String(version) }, items })
}

/** Sends watch events and leaves the stream open. */
function stream(response: ServerResponse, ...events: [type: string, object: KubeObject][]): void {
  for (const [type, object] of events) response.write(`${JSON.stringify({ type, object })}\n`)
  response.flushHeaders()
}

/** Resolves when the store holds exactly these keys. */
function holds(store: Store<KubeObject>, ...keys: string[]): Promise<void> {
  const stored = () => Array.from(store.values(), ({ metadata }) => `${metadata?.namespace}/${metadata?.name}`)
  const isSo = () => stored().length === keys.length && keys.every(key => store.get(key) !== undefined)
  return new Promise(resolve => {
    const stop = store.subscribe(() => {
      if (!isSo()) return
      resolve()
      queueMicrotask(() => stop())
    })
    if (isSo()) resolve()
  })
}

const limit = { timeout: 60_000 }

test('an informer has synced once it has listed, and follows the watch from there', limit, async () => {
  const listing = Promise.withResolvers<ServerResponse>()
  const watching = Promise.withResolvers<ServerResponse>()
  await using run = await setUp((request, response) => {
    if (request.query.has('watch')) watching.resolve(response)
    else listing.resolve(response)
  })
  const answerList = await listing.promise
  assert.equal(run.informer.hasSynced, false)
  list(answerList, 10, [thing('x', 'a', 1)])
  await run.informer.synced
  assert.equal(run.informer.hasSynced, true)
  assert.equal(run.informer.store.get('x/a')?.metadata?.managedFields, undefined)
  stream(await watching.promise, ['ADDED', thing('x', 'b', 11)], ['DELETED', thing('x', 'a', 12)])
  await holds(run.informer.store, 'x/b')
  assert.equal(run.informer.store.get('x/b')?.metadata?.managedFields, undefined)
  const [listed, watched] = run.server.requests
  assert.deepEqual([listed?.path, listed?.query.get('labelSelector')], ['/apis/example.io/v1/things', 'app'])
  assert.deepEqual([watched?.query.get('labelSelector'), watched?.query.get('resourceVersion')], ['app', '10'])
})

test('with several namespaces it has synced when all have, and each is watched', limit, async () => {
  const slow = Promise.withResolvers<ServerResponse>()
  const watched = new Set<string>()
  await using run = await setUp(
    (request, response) => {
      if (request.query.has('watch')) {
        watched.add(request.path)
        stream(response, ['ADDED', thing(request.path.includes('/x/') ? 'x' : 'y', 'late', 20)])
      } else if (request.path.includes('/x/')) list(response, 10, [thing('x', 'a', 1)])
      else slow.resolve(response)
    },
    ['x', 'y'],
  )
  await holds(run.informer.store, 'x/a', 'x/late')
  assert.equal(run.informer.hasSynced, false)
  list(await slow.promise, 12, [thing('y', 'b', 2)])
  await run.informer.synced
  await holds(run.informer.store, 'x/a', 'x/late', 'y/b', 'y/late')
  assert.deepEqual(watched, new Set(['x', 'y'].map(name => `/apis/example.io/v1/namespaces/${name}/things`)))
})

test('a failed list is reported and tried again until it succeeds', limit, async () => {
  await using run = await setUp((request, response) => {
    if (request.query.has('watch')) stream(response)
    else if (run.server.requests.length < 2) failure(response, 403, 'Forbidden', { message: 'not yet' })
    else list(response, 10, [])
  })
  await run.informer.synced
  assert.equal(run.failures(), 1)
  assert.match(run.lines[0] ?? '', /WARN {2}watch interrupted resource=things\n.*403 Forbidden: not yet/)
})

test('after an expired watch the next list removes objects that were deleted meanwhile', limit, async () => {
  const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }
  let lists = 0
  await using run = await setUp((request, response) => {
    if (!request.query.has('watch')) list(response, ++lists * 10, [thing('x', 'a', 1), thing('x', `b${lists}`, 2)])
    else if (lists === 1) response.end(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`)
    else stream(response)
  })
  await holds(run.informer.store, 'x/a', 'x/b2')
  assert.equal(run.informer.store.get('x/b1'), undefined)
})

test('relist lists everything again, and the list replaces all known objects', limit, async () => {
  const answers = [
    { version: 5000, items: [thing('x', 'a', 4000), thing('x', 'gone', 4500)] },
    { version: 1_000_000, items: [thing('x', 'a', 30)] },
  ]
  const watches: ServerResponse[] = []
  await using run = await setUp((request, response) => {
    if (request.query.has('watch')) {
      watches.push(response)
      stream(response)
      return
    }
    const next = answers.shift()
    if (next) list(response, next.version, next.items)
  })
  await holds(run.informer.store, 'x/a', 'x/gone')
  run.informer.relist()
  await holds(run.informer.store, 'x/a')
  assert.equal(run.informer.store.get('x/a')?.metadata?.resourceVersion, '30')
  assert.deepEqual([run.informer.hasSynced, run.failures()], [true, 0])
})

/** Answers whether list and watch are allowed, and lists and watches nothing. */
function reviewing(isAllowed: (question: number) => boolean | undefined): Handler {
  let questions = 0
  return (request, response) => {
    if (request.path.endsWith('/selfsubjectaccessreviews')) {
      const allowed = isAllowed(++questions)
      if (allowed === undefined) failure(response, 500, 'InternalError', { message: 'not just now' })
      else answer(response, 201, { status: { allowed } })
    } else if (request.query.has('watch')) stream(response)
    else list(response, 10, [])
  }
}

test('an optional kind without read permission is never listed, and its store is not readable', limit, async () => {
  await using run = await setUp(
    reviewing(question => question !== 2),
    [],
    true,
  )
  await run.informer.synced
  assert.equal(run.informer.hasSynced, true)
  assert.equal(run.informer.store.isReadable, false)
  assert.deepEqual(
    run.server.requests.map(({ path }) => path),
    Array.from({ length: 2 }, () => '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
  )
  assert.match(run.lines[0] ?? '', /INFO {2}not allowed to be read, and done without.* resource=things/)
})

test('an optional kind with read permission is watched like any other', limit, async () => {
  await using run = await setUp(
    reviewing(() => true),
    [],
    true,
  )
  await run.informer.synced
  assert.equal(run.informer.store.isReadable, true)
})

test('metadata that only other clients read is dropped', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', kept: 'yes' }
  const object = withoutBookkeeping({ metadata: { name: 'a', managedFields: [{}], annotations } })
  assert.deepEqual(object, { metadata: { name: 'a', annotations: { kept: 'yes' } } })
})
