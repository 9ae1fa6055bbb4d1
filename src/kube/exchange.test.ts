/** Requests over kept connections, to servers that break off, linger, close early and send too much. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { type Answer, type ByteStream, exchange } from './exchange.ts'
import { HttpError, type HttpErrorKind } from './http-error.ts'
import { ok, rawServer } from './testdata/raw-server.ts'

const HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'

async function failure(answer: Promise<Answer>): Promise<HttpError> {
  const error: unknown = await answer.then(
    ({ status }) => assert.fail(`expected a failure, found an answer of status ${status}`),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof HttpError, String(error))
  return error
}

function facts({ kind, isSent, isStale }: HttpError): [HttpErrorKind, boolean, boolean] {
  return [kind, isSent, isStale]
}

async function read(stream: ByteStream | undefined): Promise<string> {
  assert.ok(stream)
  let all = ''
  for await (const bytes of stream) all += bytes.toString()
  return all
}

async function closed(socket: Socket | undefined): Promise<void> {
  assert.ok(socket)
  if (!socket.destroyed) await new Promise(resolve => socket.once('close', resolve))
}

for (const [what, answer] of [
  ['says that it closes', ok('a', 'Connection: close\r\n')],
  ['keeps connections for a second only', ok('a', 'Keep-Alive: timeout=1\r\n')],
  ['sends more than the answer', `${ok('a')}HTTP/1.1 408 Request Timeout\r\n\r\n`],
] as const) {
  test(`the connection of a server that ${what} is not used again`, async () => {
    await using server = await rawServer(socket => socket.write(answer))
    const request = server.client()
    assert.equal((await request()).text, 'a')
    assert.equal((await request()).text, 'a')
    assert.equal(server.sockets.length, 2)
  })
}

test('an answer before the request is read in full is taken, and its connection closed', async () => {
  await using server = await rawServer(socket => {
    socket.pause()
    socket.write(ok('too large'))
  })
  const request = server.client()
  assert.equal((await request({ method: 'POST', body: 'x'.repeat(32 * 1024 * 1024) })).text, 'too large')
  server.sockets[0]?.resume()
  await closed(server.sockets[0])
})

test('an idle connection is closed after its time', async () => {
  await using server = await rawServer(socket => socket.write(ok()))
  await server.client({ timeout: 20 })()
  await closed(server.sockets[0])
})

test('data that a server sends on an idle connection is not the next answer', async () => {
  await using server = await rawServer((socket, _text, connection) => socket.write(ok(String(connection))))
  const request = server.client()
  assert.equal((await request()).text, '1')
  server.sockets[0]?.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n')
  await closed(server.sockets[0])
  assert.equal((await request()).text, '2')
})

test('an error says whether the request may have arrived, and whether its kept connection was dead', async () => {
  await using server = await rawServer((socket, text, _connection, nth) => {
    if (nth === 1 && !text.includes('/new')) socket.write(ok())
    else if (text.includes('/inside')) socket.write(`${HEAD}1`, () => socket.destroy())
    else socket.destroy()
  })
  const request = server.client()
  assert.deepEqual(facts(await failure(request({ path: '/new' }))), ['closed', true, false])
  await request()
  assert.deepEqual(facts(await failure(request())), ['closed', true, true])
  await request()
  const inside = await failure(request({ path: '/inside' }))
  assert.deepEqual(facts(inside), ['closed', true, false])
  assert.match(inside.message, /closed inside the answer|ECONNRESET/)
})

test('without a listener, or with an invalid address, nothing was sent', async () => {
  const server = await rawServer(() => undefined)
  await server[Symbol.asyncDispose]()
  const request = { method: 'GET', path: '/', headers: {}, timeoutMs: 20_000, maxBodyBytes: 1_000_000 }
  const ask = (host: string, port: number, path = '/') =>
    failure(exchange(false, { isSecure: false, host, port }, { ...request, path }))
  const refused = await ask('127.0.0.1', server.port)
  assert.deepEqual(facts(refused), ['connect', false, false])
  // Each attempt is named for a name with two addresses.
  assert.match((await ask('localhost', server.port)).message, /ECONNREFUSED/)
  assert.deepEqual(facts(await ask('127.0.0.1', 70_000)), ['connect', false, false])
  assert.deepEqual(facts(await ask('127.0.0.1', server.port, '/a b')), ['connect', false, false])
})

test('when a connection breaks, the next request that waits gets a new one', async () => {
  await using server = await rawServer((socket, _text, connection) => {
    if (connection === 1) socket.destroy()
    else socket.write(ok('next'))
  })
  const request = server.client({ maxSockets: 1 })
  const [first, second] = await Promise.allSettled([request(), request()])
  assert.equal(first.status, 'rejected')
  assert.ok(second.status === 'fulfilled' && second.value.text === 'next')
})

test('an answer that is not HTTP is malformed, and its connection closed', async () => {
  await using server = await rawServer(socket => socket.write('SSH-2.0-OpenSSH_9.7\r\n'))
  const error = await failure(server.client()())
  assert.deepEqual(facts(error), ['malformed', true, false])
  await closed(server.sockets[0])
})

test('an answer larger than allowed is cut off, one of the limit is not', async () => {
  await using server = await rawServer(socket => socket.write(ok('12345')))
  const request = server.client()
  assert.equal((await request({ maxBodyBytes: 5 })).text, '12345')
  const error = await failure(request({ maxBodyBytes: 4 }))
  assert.deepEqual([error.kind, error.message], ['too-large', 'an answer of more than 4 bytes'])
})

test('time runs out with or without an answer begun, and also while waiting for a connection', async () => {
  await using server = await rawServer((socket, text) => {
    if (text.includes('/begun')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na')
    if (text.includes('/later')) socket.write(ok('later'))
  })
  const request = server.client({ maxSockets: 1 })
  const mute = failure(request({ timeoutMs: 2000 }))
  const waiting = failure(request({ timeoutMs: 20 }))
  assert.deepEqual(facts(await waiting), ['timeout', false, false])
  assert.deepEqual(facts(await mute), ['timeout', true, false])
  assert.equal((await failure(request({ path: '/begun', timeoutMs: 30 }))).message, 'no answer within 30 ms')
  assert.equal((await request({ path: '/later' })).text, 'later')
})

test('an abort ends a request before it is sent, while it waits and in progress, and the next one is served', async () => {
  const reason = new Error('leaving')
  const underWay = new AbortController()
  const waiting = new AbortController()
  const requests: string[] = []
  await using server = await rawServer((socket, text, connection) => {
    requests.push(text)
    if (connection === 1) waiting.abort(reason)
    else socket.write(ok('served'))
  })
  const request = server.client({ maxSockets: 1 })
  const before = await failure(request({ signal: AbortSignal.abort(reason) }))
  assert.deepEqual([...facts(before), before.cause], ['aborted', false, false, reason])
  const first = failure(request({ signal: underWay.signal }))
  const second = failure(request({ signal: waiting.signal }))
  const third = request()
  assert.deepEqual([...facts(await second), (await second).cause], ['aborted', false, false, reason])
  underWay.abort(reason)
  assert.deepEqual([...facts(await first), (await first).cause], ['aborted', true, false, reason])
  assert.equal((await third).text, 'served')
  assert.equal(requests.length, 2)
})

test('an abort after the answer changes nothing', async () => {
  await using server = await rawServer(socket => socket.write(ok()))
  const request = server.client()
  const controller = new AbortController()
  await request({ signal: controller.signal })
  controller.abort()
  await request()
  assert.equal(server.sockets.length, 1)
})

test('a stream is handed over with its head, without a limit of time for the body', async t => {
  await using server = await rawServer(socket => socket.write(HEAD))
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { status, stream } = await server.client()({ isStream: true })
  assert.equal(status, 200)
  t.mock.timers.tick(3_600_000)
  server.sockets[0]?.write('4\r\nlate\r\n0\r\n\r\n')
  assert.equal(await read(stream), 'late')
})

test('after the end of a stream its connection serves the next request', async () => {
  await using server = await rawServer(socket => socket.write(`${HEAD}1\r\na\r\n0\r\n\r\n`))
  const request = server.client()
  for (let i = 0; i < 3; i++) assert.equal(await read((await request({ isStream: true })).stream), 'a')
  assert.equal(server.sockets.length, 1)
})

test('a stream that turns into something else ends with an error', async () => {
  await using server = await rawServer(socket => socket.write(`${HEAD}1\r\na\r\n`))
  const { stream } = await server.client()({ isStream: true })
  server.sockets[0]?.write('garbage\r\n')
  await assert.rejects(read(stream), { name: 'HttpError', kind: 'malformed' })
})
