/** An answer that is read as it arrives: no faster than its reader, and whole or with an error. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BodyStream } from './body-stream.ts'
import { ok, rawServer } from './testdata/raw-server.ts'

/** Of the event loop, without a write. */
const STANDSTILL_TURNS = 1000
const HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
const chunk = (data: string): string => `${data.length.toString(16)}\r\n${data}\r\n`

async function open(server: Awaited<ReturnType<typeof rawServer>>, signal?: AbortSignal): Promise<BodyStream> {
  const { stream } = await server.client()({ isStream: true, signal })
  assert.ok(stream)
  return stream
}

async function text(stream: BodyStream): Promise<string> {
  let all = ''
  for await (const bytes of stream) all += bytes.toString()
  return all
}

test('the head is handed over before the body has come, and time for the answer no longer counts', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  await using server = await rawServer(socket => socket.write(HEAD))
  const { status, stream } = await server.client()({ isStream: true })
  assert.equal(status, 200)
  assert.ok(stream)
  t.mock.timers.tick(3_600_000)
  server.sockets[0]?.write(`${chunk('late')}0\r\n\r\n`)
  assert.equal(await text(stream), 'late')
})

test('after the end of a stream its connection serves the next request', async () => {
  await using server = await rawServer((socket, _text, connection) => {
    socket.write(`${HEAD}${chunk(`connection ${connection}`)}0\r\n\r\n`)
  })
  const request = server.client()
  for (let i = 0; i < 3; i++) {
    const { stream } = await request({ isStream: true })
    assert.ok(stream)
    assert.equal(await text(stream), 'connection 1')
  }
})

test('a failure is no stream: its body is gathered', async () => {
  await using server = await rawServer(socket => socket.write('HTTP/1.1 410 Gone\r\ncontent-length: 4\r\n\r\ngone'))
  const answer = await server.client()({ isStream: true })
  assert.deepEqual([answer.status, answer.text, answer.stream], [410, 'gone', undefined])
})

test('a reader that is slow slows the server, and loses nothing', async () => {
  const total = 40 * 1024 * 1024
  const piece = 'x'.repeat(64 * 1024)
  let written = 0
  await using server = await rawServer(socket => {
    socket.write(HEAD)
    const more = (): void => {
      let isFlowing = true
      while (isFlowing && written < total) {
        written += piece.length
        isFlowing = socket.write(chunk(piece))
      }
      if (written < total) socket.once('drain', more)
      else socket.write('0\r\n\r\n')
    }
    more()
  })
  const stream = await open(server)
  // What the kernel holds for both sides is a few megabytes: as soon as the server stands still, it waits for the reader.
  for (let [before, turns] = [-1, 0]; turns < STANDSTILL_TURNS; turns += 1) {
    if (written !== before) [before, turns] = [written, 0]
    await new Promise(setImmediate)
  }
  assert.ok(written < total, `${written} bytes were taken of a reader that read none`)
  let read = 0
  for await (const bytes of stream) read += bytes.length
  assert.equal(read, total)
})

test('a reader gets what came before the connection broke, then the error', async () => {
  await using server = await rawServer(socket => socket.write(HEAD + chunk('a'), () => socket.destroy()))
  const stream = await open(server)
  const seen: string[] = []
  await assert.rejects(async () => {
    for await (const bytes of stream) seen.push(bytes.toString())
  }, /closed inside the answer/)
  assert.deepEqual(seen, ['a'])
})

test('a stream that turns into something else ends with an error', async () => {
  await using server = await rawServer(socket => socket.write(`${HEAD}${chunk('a')}what?\r\n`))
  await assert.rejects(text(await open(server)), /expected the length of a chunk/)
})

test('a reader that stops closes the connection', async () => {
  await using server = await rawServer(socket => socket.write(HEAD + chunk('a')))
  const closed = Promise.withResolvers<void>()
  const stream = await open(server)
  server.sockets[0]?.on('close', () => closed.resolve())
  for await (const _ of stream) break
  await closed.promise
})

test('an abort, and a destruction with an error, reach a reader that waits and one that is behind', async () => {
  const reason = new Error('leaving')
  for (const body of ['', chunk('a')]) {
    for (const how of ['abort', 'destroy'] as const) {
      await using server = await rawServer(socket => socket.write(HEAD + body))
      const controller = new AbortController()
      const stream = await open(server, controller.signal)
      const end = (): void => (how === 'abort' ? controller.abort(reason) : stream.destroy(reason))
      if (body === '') setImmediate(end)
      else end()
      const error: unknown = await text(stream).catch((thrown: unknown) => thrown)
      assert.ok(error instanceof Error)
      assert.equal(how === 'abort' ? error.cause : error, reason)
    }
  }
})

test('what a reader leaves behind does not come up in the next answer', async () => {
  await using server = await rawServer((socket, _text, connection) => {
    socket.write(connection === 1 ? HEAD + chunk('left') : ok('next'))
  })
  const request = server.client({ maxSockets: 1 })
  const { stream } = await request({ isStream: true })
  stream?.destroy()
  assert.equal((await request()).text, 'next')
})
