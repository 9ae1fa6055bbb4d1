/** Requests over kept connections, on servers that break off, linger, close early and say too much. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Http1Client } from './client.ts'
import { HttpError, type HttpErrorKind } from './errors.ts'
import type { HttpAnswer } from './pending-request.ts'
import { ok, rawServer } from './testdata/raw-server.ts'

async function failure(answer: Promise<HttpAnswer>): Promise<HttpError> {
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

/** Fails by itself, and says for what, where the condition never comes to hold. */
async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited 60 s for: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

test('one request after the other takes the same connection, HEAD, 204 and chunks among them', async () => {
  const answers = [
    ok('a'),
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n',
    'HTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n' + ok('c'),
  ]
  await using server = await rawServer((socket, _text, _connection, nth) => socket.write(answers[nth - 1] ?? ''))
  const request = server.client()
  const bodies: string[] = []
  for (const method of ['GET', 'HEAD', 'DELETE', 'GET', 'GET']) bodies.push((await request({ method })).text)
  assert.deepEqual(bodies, ['a', '', '', 'b', 'c'])
  assert.equal(server.sockets.length, 1)
})

for (const [what, answer] of [
  ['says that it closes', ok('a', 'Connection: close\r\n')],
  ['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na'],
  ['keeps connections for a second only', ok('a', 'Keep-Alive: timeout=1\r\n')],
  ['says more than the answer', `${ok('a')}HTTP/1.1 408 Request Timeout\r\n\r\n`],
] as const) {
  test(`the connection of a server that ${what} is not used again`, async () => {
    await using server = await rawServer(socket => socket.write(answer))
    const request = server.client()
    assert.equal((await request()).text, 'a')
    assert.equal((await request()).text, 'a')
    assert.equal(server.sockets.length, 2)
    await eventually('the first connection to be closed', () => server.sockets[0]?.destroyed === true)
  })
}

test('a body without a length ends with the connection', async () => {
  await using server = await rawServer(socket => socket.end('HTTP/1.1 200 OK\r\n\r\nabc'))
  assert.equal((await server.client()()).text, 'abc')
})

test('an answer before the request is read in full is taken, and its connection given up', async () => {
  await using server = await rawServer(socket => {
    socket.pause()
    socket.write(ok('too large'))
  })
  const request = server.client()
  assert.equal((await request({ method: 'POST', body: 'x'.repeat(32 * 1024 * 1024) })).text, 'too large')
  await eventually('the connection to be closed', () => {
    server.sockets[0]?.resume()
    return server.sockets[0]?.destroyed === true
  })
})

test('no more connections are opened than allowed; requests get their turn in order', async () => {
  const paths: string[] = []
  await using server = await rawServer((socket, text) => {
    paths.push(text.split(' ')[1] ?? '')
    setImmediate(() => socket.write(ok()))
  })
  const request = server.client({ maxSockets: 2 })
  const all = Array.from({ length: 9 }, (_, index) => `/${index}`)
  await Promise.all(all.map(path => request({ path })))
  assert.deepEqual(paths.toSorted(), all)
  assert.equal(server.sockets.length, 2)
})

test('each server has connections of its own, and as many idle ones are kept as allowed', async () => {
  await using server = await rawServer(socket => setImmediate(() => socket.write(ok())))
  await using other = await rawServer(socket => socket.write(ok('other')))
  const request = server.client({ maxIdle: 1 })
  await Promise.all([request(), request(), request()])
  await eventually('two of three to be closed', () => server.sockets.filter(({ destroyed }) => !destroyed).length === 1)
  assert.equal((await request({ address: { host: '127.0.0.1', port: other.port } } as object)).text, 'other')
  await request()
  assert.deepEqual([server.sockets.length, other.sockets.length], [3, 1])
})

test('an idle connection is closed after its time', async () => {
  await using server = await rawServer(socket => socket.write(ok()))
  const request = server.client({ idleMs: 20 })
  await request()
  await eventually('the idle connection to be closed', () => server.sockets[0]?.destroyed === true)
  await request()
  assert.equal(server.sockets.length, 2)
})

test('a kept connection that the server has closed, or on which it has spoken unasked, is not used', async () => {
  await using server = await rawServer((socket, _text, connection) => socket.write(ok(String(connection))))
  const request = server.client()
  await request()
  server.sockets[0]?.end()
  await eventually('the client to close too', () => server.sockets[0]?.destroyed === true)
  assert.equal((await request()).text, '2')
  server.sockets[1]?.write('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n')
  await eventually('the client to close', () => server.sockets[1]?.destroyed === true)
  assert.equal((await request()).text, '3')
})

test('a kept connection that dies before any answer is told from one that dies in it, and from a new one', async () => {
  await using server = await rawServer((socket, text, _connection, nth) => {
    if (text.includes('/new')) socket.destroy()
    else if (nth === 1) socket.write(ok())
    else if (text.includes('/inside')) socket.write('HTTP/1.1 2', () => socket.destroy())
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

test('where nobody listens, nothing was sent', async () => {
  const server = await rawServer(() => undefined)
  await server[Symbol.asyncDispose]()
  const client = new Http1Client({ maxSockets: 1, maxIdle: 1, idleMs: 1000 })
  const limits = { timeoutMs: 20_000, maxBodyBytes: 1_000_000 }
  const ask = (host: string, port: number) =>
    client.request({ address: { host, port }, method: 'GET', path: '/', headers: {}, ...limits })
  const refused = await failure(ask('127.0.0.1', server.port))
  assert.deepEqual([...facts(refused), refused.code], ['connect', false, false, 'ECONNREFUSED'])
  // Of a name with two addresses each attempt is named.
  assert.match((await failure(ask('localhost', server.port))).message, /ECONNREFUSED/)
  const impossible = await Promise.all([failure(ask('127.0.0.1', 70_000)), failure(ask('127.0.0.1', 70_000))])
  assert.deepEqual(
    impossible.map(({ kind, isSent }) => [kind, isSent]),
    [
      ['connect', false],
      ['connect', false],
    ],
  )
})

test('a failed connection leaves its turn to the next request', async () => {
  await using server = await rawServer((socket, _text, connection) => {
    if (connection === 1) socket.destroy()
    else socket.write(ok('next'))
  })
  const request = server.client({ maxSockets: 1 })
  const [first, second] = await Promise.allSettled([request(), request()])
  assert.equal(first.status, 'rejected')
  assert.ok(second.status === 'fulfilled' && second.value.text === 'next')
})

test('what is no answer is malformed, and its connection closed', async () => {
  await using server = await rawServer(socket => socket.write('SSH-2.0-OpenSSH_9.7\r\n'))
  const error = await failure(server.client()())
  assert.deepEqual(facts(error), ['malformed', true, false])
  assert.equal(error.message, 'expected a status line of HTTP/1.1, found "SSH-2.0-OpenSSH_9.7"')
  await eventually('the connection to be closed', () => server.sockets[0]?.destroyed === true)
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
  assert.equal(server.sockets.length, 3)
})

test('an abort ends a request before it is sent, while it waits and under way, and the next one is served', async () => {
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

test('a closed client has no connections, fails what is under way or waits, and takes no more', async () => {
  await using server = await rawServer(() => server.closeClients())
  const request = server.client({ maxSockets: 1 })
  const [first, second] = await Promise.all([failure(request()), failure(request())])
  assert.deepEqual(facts(first), ['closed', true, false])
  assert.deepEqual(facts(second), ['closed', false, false])
  assert.match((await failure(request())).message, /the client is closed/)
  await eventually('the connection to be closed', () => server.sockets[0]?.destroyed === true)
})

test('a request that is none is refused at once and takes no connection', async () => {
  await using server = await rawServer(() => undefined)
  const request = server.client()
  assert.throws(() => void request({ path: '/a b' }), TypeError)
  assert.equal(server.sockets.length, 0)
})
