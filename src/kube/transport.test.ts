/** Connections, credentials, deadlines and retries, over a real socket. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, TransportError } from './errors.ts'
import { pods } from './resources.ts'
import { answer, failure, scriptedServer, steppingClock } from './scripted-server.ts'
import type { RequestReport } from './transport.ts'

const key = { namespace: 'sei', name: 'a' }
const pod = { metadata: { ...key, uid: 'u' } }

test('requests one after the other share one connection', async () => {
  await using server = await scriptedServer((_, response) => answer(response, 200, pod))
  const client = server.client()
  for (let i = 0; i < 5; i++) await client.get(pods, key)
  assert.equal(server.connections, 1)
})

test('no more connections are opened than allowed, however many requests there are at once', async () => {
  await using server = await scriptedServer((_, response) => setImmediate(() => answer(response, 200, pod)))
  const client = server.client({ maxSockets: 3 })
  await Promise.all(Array.from({ length: 20 }, () => client.get(pods, key)))
  assert.equal(server.requests.length, 20)
  assert.equal(server.connections, 3)
})

test('every request carries the credentials and says who asks', async () => {
  await using server = await scriptedServer((_, response) => answer(response, 200, pod))
  await server.client({ userAgent: 'me/1' }).get(pods, key)
  const { authorization, accept, 'user-agent': agent } = server.requests[0]?.headers ?? {}
  assert.deepEqual(
    { authorization, accept, agent },
    {
      authorization: 'Bearer test',
      accept: 'application/json',
      agent: 'me/1',
    },
  )
})

test('the path prefix of the server is kept', async () => {
  await using server = await scriptedServer((_, response) => answer(response, 200, pod))
  await server.client({ config: { server: `${server.config.server}/k8s/c-1/` } }).get(pods, key)
  assert.equal(server.requests[0]?.path, '/k8s/c-1/api/v1/namespaces/sei/pods/a')
})

test('an answer of 600 MB is an error of its request, which names the limit, and of no other', async () => {
  await using server = await scriptedServer(({ path }, response) => {
    if (path.endsWith('/small')) return answer(response, 200, pod)
    const chunk = Buffer.alloc(1_000_000, 0x20)
    response.writeHead(200, { 'content-type': 'application/json' })
    let left = 600
    const more = (): void => {
      while (left > 0 && !response.destroyed && response.write(chunk)) left--
      if (left > 0) response.once('drain', more)
      else response.end()
    }
    more()
  })
  const client = server.client()
  const error: unknown = await client.get(pods, key).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof TransportError)
  assert.equal(error.kind, 'too-large')
  assert.equal(error.message, 'get pods sei/a: an answer of more than 67108864 bytes')
  assert.equal(server.requests.length, 1, 'it was asked again')
  assert.deepEqual(await client.get(pods, { namespace: 'sei', name: 'small' }), pod)
})

test('a 429 is repeated after Retry-After, for a write too', async () => {
  const clock = steppingClock()
  await using server = await scriptedServer((_, response) =>
    server.requests.length < 3 ? failure(response, 429, 'TooManyRequests', {}) : answer(response, 200, pod),
  )
  await server.client({ clock }).replace(pods, pod)
  assert.equal(server.requests.length, 3)
  assert.deepEqual(clock.sleeps, [250, 500])
})

test('429 without end is given up, with how long the server asked to wait', async () => {
  const clock = steppingClock()
  await using server = await scriptedServer((_, response) => {
    response.setHeader('retry-after', '2')
    failure(response, 429, 'TooManyRequests', { message: 'busy' })
  })
  const error = await server
    .client({ clock })
    .get(pods, key)
    .catch((e: unknown) => e)
  assert(error instanceof ApiError)
  assert.equal(error.retryAfterMs, 2000)
  assert.equal(error.message, 'get pods sei/a: 429 TooManyRequests: busy')
  assert.deepEqual(clock.sleeps, [2000, 2000, 2000, 2000])
})

test('a read whose connection breaks is sent again, a write is not', async () => {
  await using server = await scriptedServer((_, response) =>
    server.requests.length === 1 ? response.destroy() : answer(response, 200, pod),
  )
  assert.deepEqual(await server.client().get(pods, key), pod)
  assert.equal(server.requests.length, 2)

  await using broken = await scriptedServer((_, response) => response.destroy())
  const error = await broken
    .client()
    .replace(pods, pod)
    .catch((e: unknown) => e)
  assert(error instanceof TransportError)
  assert.equal(error.kind, 'reset')
  assert.match(error.message, /^update pods sei\/a: socket hang up$/)
  assert.equal(broken.requests.length, 1)
})

test('a body that breaks off is a reset, not half an object', async () => {
  await using server = await scriptedServer((_, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"metadata":', () => response.destroy())
  })
  const error = await server
    .client({ clock: steppingClock() })
    .get(pods, key)
    .catch((e: unknown) => e)
  assert(error instanceof TransportError)
  assert.equal(error.kind, 'reset')
})

test('an answer that does not come in time is a timeout, and its connection is not used again', async () => {
  await using server = await scriptedServer((_, response) => {
    if (server.requests.length > 1) answer(response, 200, pod)
  })
  const client = server.client({ requestTimeoutMs: 500 })
  const error = await client.get(pods, key).catch((e: unknown) => e)
  assert(error instanceof TransportError)
  assert.equal(error.kind, 'timeout')
  assert.match(error.message, /no answer within 500 ms/)
  assert.deepEqual(await client.get(pods, key), pod)
  assert.equal(server.connections, 2)
})

test('an aborted call rejects with the reason that the signal carries, in progress, waiting or not begun', async () => {
  const reason = new Error('leaving')
  const controller = new AbortController()
  await using hanging = await scriptedServer(() => controller.abort(reason))
  const client = hanging.client()
  await assert.rejects(client.get(pods, key, { signal: controller.signal }), reason)
  await assert.rejects(client.get(pods, key, { signal: controller.signal }), reason)
  assert.equal(hanging.requests.length, 1)

  const waiting = new AbortController()
  await using busy = await scriptedServer((_, response) => {
    failure(response, 429, 'TooManyRequests', { details: { retryAfterSeconds: 9 } })
    setTimeout(() => waiting.abort(reason), 20)
  })
  await assert.rejects(busy.client().get(pods, key, { signal: waiting.signal }), reason)
})

test('a server that is not there is an error of kind connect', async () => {
  const server = await scriptedServer(() => undefined)
  await server[Symbol.asyncDispose]()
  const error = await server
    .client()
    .get(pods, key)
    .catch((e: unknown) => e)
  assert(error instanceof TransportError)
  assert.equal(error.kind, 'connect')
  assert.match(error.message, /get pods sei\/a: connect ECONNREFUSED/)
})

test('the message of a proxy is quoted, in a failure and in an invalid success', async () => {
  await using failing = await scriptedServer((_, response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'))
  await assert.rejects(failing.client().get(pods, key), {
    message: 'get pods sei/a: 502 Bad Gateway: <h1>Bad Gateway</h1>',
  })
  await using login = await scriptedServer((_, response) => response.writeHead(200).end('<html>log in'))
  await assert.rejects(login.client().get(pods, key), {
    kind: 'malformed',
    message: 'get pods sei/a: expected a JSON body, found "<html>log in"',
  })
})

test('a refused token is read again once, and a second refusal is an error', async () => {
  await using server = await scriptedServer((request, response) =>
    request.headers['authorization'] === 'Bearer new'
      ? answer(response, 200, pod)
      : failure(response, 401, 'Unauthorized'),
  )
  let token = 'old'
  const rotating = {
    headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
    refresh: () => {
      token = 'new'
      return true
    },
  }
  assert.deepEqual(await server.client({ config: { credentials: rotating } }).get(pods, key), pod)
  await assert.rejects(server.client().get(pods, key), { status: 401 })
  const stubborn = { ...rotating, headers: () => Promise.resolve({ authorization: 'Bearer old' }) }
  await assert.rejects(server.client({ config: { credentials: stubborn } }).get(pods, key), { status: 401 })
  assert.equal(server.requests.length, 5)
})

test('a refusal that comes after other failures renews the credentials too', async () => {
  await using server = await scriptedServer((request, response) => {
    if (server.requests.length === 1) failure(response, 429, 'TooManyRequests')
    else if (request.headers['authorization'] === 'Bearer old') failure(response, 401, 'Unauthorized')
    else answer(response, 200, pod)
  })
  let token = 'old'
  const credentials = {
    headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
    refresh: () => {
      token = 'new'
      return true
    },
  }
  const client = server.client({ clock: steppingClock(), config: { credentials } })
  assert.deepEqual(await client.get(pods, key), pod)
  assert.equal(server.requests.length, 3)
})

test('credentials that never come are an error in time, and an abort does not wait for them', async () => {
  await using server = await scriptedServer((_, response) => answer(response, 200, pod))
  const credentials = { headers: () => new Promise<never>(() => {}), refresh: () => true }
  await assert.rejects(server.client({ config: { credentials }, requestTimeoutMs: 20 }).get(pods, key), {
    kind: 'credentials',
    message: 'get pods sei/a: no credentials: no answer within 20 ms',
  })
  const reason = new Error('leaving')
  const controller = new AbortController()
  const waiting = server.client({ config: { credentials } }).get(pods, key, { signal: controller.signal })
  controller.abort(reason)
  await assert.rejects(waiting, reason)
  assert.equal(server.requests.length, 0)
})

test('without credentials nothing is sent, and the error says why there are none', async () => {
  await using server = await scriptedServer((_, response) => answer(response, 200, pod))
  const credentials = { headers: () => Promise.reject(new Error('exec plugin: exit 1')), refresh: () => true }
  await assert.rejects(server.client({ config: { credentials } }).get(pods, key), {
    kind: 'credentials',
    message: 'get pods sei/a: no credentials: exec plugin: exit 1',
  })
  assert.equal(server.requests.length, 0)
})

test('every HTTP request is reported once, with its status, or 0 without an answer', async () => {
  const reports: RequestReport[] = []
  const clock = steppingClock()
  await using server = await scriptedServer((_, response) => {
    clock.advance(1500)
    if (server.requests.length === 1) failure(response, 429, 'TooManyRequests')
    else if (server.requests.length === 2) answer(response, 200, pod)
    else response.destroy()
  })
  const client = server.client({ clock, onRequest: report => reports.push(report) })
  await client.get(pods, key)
  await assert.rejects(client.replace(pods, pod))
  assert.deepEqual(reports, [
    { verb: 'get', resource: 'pods', status: 429, seconds: 1.5 },
    { verb: 'get', resource: 'pods', status: 200, seconds: 1.5 },
    { verb: 'update', resource: 'pods', status: 0, seconds: 1.5 },
  ])
})
