/** The sidecar client against servers that misbehave in every way that the wire allows. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer as createTcpServer } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'

import type { SidecarAddress, SidecarClient } from './client.ts'
import { SidecarError } from './errors.ts'
import { createSidecarDialer } from './http-client.ts'
import type { SidecarCall, SidecarDialerOptions } from './http-client.ts'

const ID = '6f1f9f0e-3d6b-5c53-9a53-0d8f5f6ad001'
const REQUEST = { id: ID, type: 'config-apply', params: { mode: 'full' } }

async function serve(t: TestContext, listener: RequestListener): Promise<SidecarAddress> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return addressOf(server.address())
}

function addressOf(address: AddressInfo | string | null): SidecarAddress {
  assert.ok(address !== null && typeof address === 'object')
  return { host: '127.0.0.1', port: address.port }
}

function dial(t: TestContext, address: SidecarAddress, options?: SidecarDialerOptions): SidecarClient {
  const dialer = createSidecarDialer(options)
  t.after(() => dialer.close())
  return dialer(address)
}

/** Its queue is full and nobody takes from it: the kernel drops whatever asks for a connection. */
async function fullListener(t: TestContext): Promise<SidecarAddress> {
  const program = `
    const { createServer } = require('node:net')
    const { parentPort } = require('node:worker_threads')
    const server = createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const worker = new Worker(program, { eval: true })
  const [port] = await once(worker, 'message')
  const sockets: Socket[] = []
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    await worker.terminate()
  })
  for (let isFull = false; !isFull;) {
    const socket = connect({ host: '127.0.0.1', port })
    sockets.push(socket)
    isFull = await Promise.race([
      once(socket, 'connect').then(() => false),
      new Promise<true>(resolve => setTimeout(resolve, 200, true)),
    ])
  }
  return { host: '127.0.0.1', port }
}

/** A server that answers everything alike. */
async function answering(
  t: TestContext,
  status: number,
  body: string,
  type = 'application/json',
): Promise<SidecarClient> {
  const address = await serve(t, (_request, response) => {
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  return dial(t, address)
}

async function failure(promise: Promise<unknown>): Promise<SidecarError> {
  const error: unknown = await promise.then(
    value => assert.fail(`resolved with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof SidecarError, String(error))
  return error
}

for (const status of [200, 201, 202]) {
  test(`submit takes ${status} and answers the id of the sidecar, not its own`, async t => {
    const client = await answering(t, status, '{"id":"other"}')
    assert.equal(await client.submit(REQUEST), 'other')
  })
}

test('submit sends id, type and params, and omits absent params', async t => {
  const bodies: string[] = []
  const address = await serve(t, (request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()))
    request.on('end', () => response.writeHead(201, { 'content-type': 'application/json' }).end(`{"id":"${ID}"}`))
  })
  const client = dial(t, address)
  await client.submit(REQUEST)
  await client.submit({ id: ID, type: 'mark-ready' })
  assert.deepEqual(bodies, [
    `{"id":"${ID}","type":"config-apply","params":{"mode":"full"}}`,
    `{"id":"${ID}","type":"mark-ready"}`,
  ])
})

test('a task is read leniently: unknown fields are ignored and an unknown status is running', async t => {
  const body = { id: ID, type: 'x', status: 'paused', run: 2, params: { a: 1 }, colour: 'red', error: '', result: {} }
  const client = await answering(t, 200, JSON.stringify(body))
  assert.deepEqual(await client.task(ID), {
    id: ID,
    type: 'x',
    status: 'running',
    run: 2,
    params: { a: 1 },
    result: {},
  })
})

test('a task is forgotten, or was not known; any other answer is none', async t => {
  assert.equal(await (await answering(t, 204, '')).forget(ID), 'gone')
  assert.equal(await (await answering(t, 404, '{"error":"task not found"}')).forget(ID), 'unknown')
  const error = await failure((await answering(t, 503, '{"error":"store"}')).forget(ID))
  assert.deepEqual([error.kind, error.status], ['unavailable', 503])
})

test('entries of a list that are no tasks are left out', async t => {
  const client = await answering(t, 200, `[{"id":"${ID}","type":"x","status":"failed","error":"why"},7,{"id":""},null]`)
  assert.deepEqual(await client.tasks(), [{ id: ID, type: 'x', status: 'failed', error: 'why' }])
})

test('a JSON 404 means an unknown task; any other 404 means that this is not seictl', async t => {
  const known = await answering(t, 404, '{"error":"task not found"}')
  assert.equal(await known.task(ID), undefined)
  const other = await answering(t, 404, '404 page not found\n', 'text/plain')
  const error = await failure(other.task(ID))
  assert.deepEqual([error.kind, error.status], ['unavailable', 404])
  assert.match(error.message, /404 page not found; nothing serves this path: is this the port of seictl serve\?$/)
  assert.equal((await failure(other.submit(REQUEST))).sent, 'no')
})

test('health reads 200 and 503, and nothing else', async t => {
  assert.equal(await (await answering(t, 200, '')).health(), 'ready')
  assert.equal(await (await answering(t, 503, '')).health(), 'not-ready')
  assert.equal((await failure((await answering(t, 500, '')).health())).kind, 'unavailable')
})

const REFUSALS = [
  [409, '{"error":"a task is already running"}', 'busy', 'no'],
  [400, '{"error":"unknown task type: x"}', 'rejected', 'no'],
  [400, '{"error":"persist task: database is locked"}', 'unavailable', 'unknown'],
  [400, 'not json', 'unavailable', 'unknown'],
  [401, '{"error":"missing X-Remote-User header"}', 'unauthorized', 'no'],
  [403, '{"error":"forbidden"}', 'unauthorized', 'no'],
  [405, 'Method Not Allowed', 'unavailable', 'no'],
  [500, '{"error":"oops"}', 'unavailable', 'unknown'],
  [503, '', 'unavailable', 'unknown'],
  [302, '', 'unavailable', 'unknown'],
  [201, 'not json', 'unavailable', 'unknown'],
  [201, '{"id":7}', 'unavailable', 'unknown'],
] as const
for (const [status, body, kind, sent] of REFUSALS) {
  test(`submit answered ${status} ${body || 'without a body'} is ${kind}, sent: ${sent}`, async t => {
    const error = await failure((await answering(t, status, body)).submit(REQUEST))
    assert.deepEqual([error.kind, error.sent, error.status], [kind, sent, status])
  })
}

test('an error names host, port, operation, what was expected and what was found', async t => {
  const address = await serve(t, (_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"unknown task type: config-apply"}')
  })
  const error = await failure(dial(t, address).submit(REQUEST))
  assert.equal(
    error.message,
    `sidecar 127.0.0.1:${address.port}: submit config-apply (POST /v0/tasks): ` +
      'expected 200, 201 or 202 with an id, found 400: unknown task type: config-apply',
  )
  assert.equal(error.detail, 'unknown task type: config-apply')
})

test('a 401 says what to do', async t => {
  const error = await failure((await answering(t, 401, '{"error":"missing X-Remote-User header"}')).tasks())
  assert.match(error.message, /unset SEI_SIDECAR_AUTHN_MODE on its container$/)
})

test('a refused connection: unavailable, and provably not sent', async t => {
  const server = createTcpServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = addressOf(server.address())
  await new Promise(resolve => server.close(resolve))
  const error = await failure(dial(t, address).submit(REQUEST))
  assert.deepEqual([error.kind, error.sent, error.status], ['unavailable', 'no', undefined])
  assert.match(error.message, /ECONNREFUSED/)
  assert.ok(error.cause instanceof Error)
})

test('a connection cut before the answer, or within it: it may have been carried out', async t => {
  const before = await serve(t, request => void request.socket.destroy())
  assert.equal((await failure(dial(t, before).submit(REQUEST))).sent, 'unknown')
  const within = await serve(t, (request, response) => {
    response.writeHead(201, { 'content-type': 'application/json', 'content-length': 100 })
    response.write('{"id":', () => request.socket.destroy())
  })
  const error = await failure(dial(t, within).submit(REQUEST))
  assert.deepEqual([error.kind, error.sent], ['unavailable', 'unknown'])
})

test('an answer larger than any sidecar gives is an error of its call', async t => {
  const client = await answering(t, 200, `[${' '.repeat(9 * 1024 * 1024)}]`)
  const error = await failure(client.tasks())
  assert.deepEqual([error.kind, error.detail], ['unavailable', 'an answer of more than 8388608 bytes'])
  assert.match(error.message, /list tasks \(GET \/v0\/tasks\)/)
})

test('no connection within its own time limit, where packets get lost: nothing was carried out', async t => {
  const address = await fullListener(t)
  const started = performance.now()
  const error = await failure(dial(t, address, { connectTimeoutMs: 100 }).submit(REQUEST))
  assert.deepEqual([error.kind, error.sent, error.detail], ['unavailable', 'no', 'no connection within 100 ms'])
  assert.equal(error.isSilent, true)
  assert.ok(performance.now() - started < 5_000)
})

test('no answer within the time limit: it may have been carried out', async t => {
  const address = await serve(t, () => {})
  const error = await failure(dial(t, address, { timeoutMs: 500 }).submit(REQUEST))
  assert.deepEqual([error.kind, error.sent, error.detail], ['unavailable', 'unknown', 'no answer within 500 ms'])
})

test('an aborted signal ends the call, before and while it is sent', async t => {
  const arrived = Promise.withResolvers<void>()
  const client = dial(t, await serve(t, () => arrived.resolve()))
  const early = await failure(client.health(AbortSignal.abort(new Error('leader lost'))))
  assert.deepEqual([early.kind, early.sent, early.cause], ['unavailable', 'no', new Error('leader lost')])
  const controller = new AbortController()
  const late = failure(client.submit(REQUEST, controller.signal))
  await arrived.promise
  controller.abort()
  assert.equal((await late).sent, 'unknown')
})

test('calls to one sidecar share a connection', async t => {
  const sockets = new Set<Socket>()
  const address = await serve(t, (request, response) => {
    sockets.add(request.socket)
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]')
  })
  const client = dial(t, address)
  for (let n = 0; n < 5; n++) await client.tasks()
  assert.equal(sockets.size, 1)
})

/** Answers the first request of each connection and cuts it when a second one arrives, as a restarted sidecar would. */
async function oneRequestPerConnection(t: TestContext): Promise<{ address: SidecarAddress; methods: string[] }> {
  const served = new WeakSet<Socket>()
  const methods: string[] = []
  const address = await serve(t, (request, response) => {
    methods.push(request.method ?? '')
    if (served.has(request.socket)) request.socket.destroy()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(`{"id":"${ID}","type":"x"}`)
    served.add(request.socket)
  })
  return { address, methods }
}

test('a GET that met a dead kept connection is sent once more on a fresh one', async t => {
  const { address, methods } = await oneRequestPerConnection(t)
  const client = dial(t, address)
  await client.task(ID)
  assert.equal((await client.task(ID))?.id, ID)
  assert.deepEqual(methods, ['GET', 'GET', 'GET'])
})

test('a POST is never sent twice', async t => {
  const { address, methods } = await oneRequestPerConnection(t)
  const client = dial(t, address)
  await client.task(ID)
  const error = await failure(client.submit(REQUEST))
  assert.deepEqual([error.kind, error.sent], ['unavailable', 'unknown'])
  assert.deepEqual(methods, ['GET', 'POST'])
})

test('every call is reported with its operation and outcome', async t => {
  const calls: SidecarCall[] = []
  const address = await serve(t, (request, response) => {
    const status = request.method === 'POST' ? 409 : 200
    response.writeHead(status, { 'content-type': 'application/json' }).end('[]')
  })
  const client = dial(t, address, { onCall: call => calls.push(call) })
  await client.tasks()
  await failure(client.submit(REQUEST))
  assert.deepEqual(
    calls.map(({ operation, outcome }) => [operation, outcome]),
    [
      ['tasks', 'ok'],
      ['submit', 'busy'],
    ],
  )
  assert.ok(calls.every(({ durationMs }) => durationMs > 0))
})

test('500 sidecars are asked at once', async t => {
  const address = await serve(t, (_request, response) => void response.writeHead(200).end())
  const dialer = createSidecarDialer()
  t.after(() => dialer.close())
  const clients = Array.from({ length: 500 }, () => dialer(address))
  const answers = await Promise.all(clients.map(client => client.health()))
  assert.ok(answers.every(answer => answer === 'ready'))
})
