/** A watch delivers events, and says why it ended. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { ManualClock } from '../runtime/manual-clock.ts'
import { TransportError, WatchError } from './errors.ts'
import { pods } from './resources.ts'
import { failure, scriptedServer } from './scripted-server.ts'

const options = { resourceVersion: '5', timeoutSeconds: 300, idleTimeoutMs: 5_000 }
const event = (type: string, name: string, resourceVersion = '6') =>
  `${JSON.stringify({ type, object: { kind: 'Pod', metadata: { name, resourceVersion } } })}\n`

const mapped = () => ({ metadata: { name: 'mapped' } })

/** The events of one watch on a server that sends this body, and the error that ended it. */
async function watched(send: (response: ServerResponse) => void) {
  await using server = await scriptedServer((_, response) => send(response))
  const seen: string[] = []
  try {
    for await (const { type, object } of server.client().watch(pods, options)) {
      seen.push(`${type} ${object.metadata?.name}`)
    }
    return { seen, requests: server.requests }
  } catch (error) {
    return { seen, error, requests: server.requests }
  }
}

test('events and bookmarks come in order until the server ends the stream', async () => {
  const { seen, error, requests } = await watched(response =>
    response.end(event('ADDED', 'a') + event('BOOKMARK', '') + event('DELETED', 'a')),
  )
  assert.deepEqual(seen, ['ADDED a', 'BOOKMARK ', 'DELETED a'])
  assert.equal(error, undefined)
  assert.deepEqual(Object.fromEntries(requests[0]?.query ?? []), {
    watch: '1',
    allowWatchBookmarks: 'true',
    resourceVersion: '5',
    timeoutSeconds: '300',
  })
})

test('an ERROR event ends it with its code, and what came before it is delivered', async () => {
  const gone = { type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old resource version' } }
  const { seen, error } = await watched(response => response.end(`${event('ADDED', 'a')}${JSON.stringify(gone)}\n`))
  assert.deepEqual(seen, ['ADDED a'])
  assert(error instanceof WatchError)
  assert.deepEqual([error.kind, error.status], ['error', 410])
  assert.equal(error.message, 'watch pods: the server ended it: 410 Expired: too old resource version')
})

for (const [what, line] of [
  ['no JSON', '{"type":'],
  ['null', 'null'],
  ['an event without an object', '{"type":"ADDED"}'],
  ['an event of an unknown type', '{"type":"RENAMED","object":{}}'],
] as const) {
  test(`a line that is ${what} ends it`, async () => {
    const { seen, error } = await watched(response =>
      response.end(`${event('ADDED', 'a')}${line}\n${event('ADDED', 'b')}`),
    )
    assert.deepEqual(seen, ['ADDED a'])
    assert(error instanceof WatchError)
    assert.equal(error.kind, 'malformed')
  })
}

test('a line without an end is aborted at the size limit', async () => {
  const { error } = await watched(response => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x')
    for (let i = 0; i < 17; i++) response.write(megabyte)
  })
  assert(error instanceof WatchError)
  assert.equal(error.kind, 'malformed')
  assert.match(error.message, /longer than 16777216 bytes/)
})

test('failure mode 36: a stream that falls silent is taken for dead', async () => {
  const clock = new ManualClock()
  const seen: string[] = []
  await using server = await scriptedServer((_, response) => response.write(event('ADDED', 'a')))
  const read = async () => {
    for await (const { object } of server.client({ clock }).watch(pods, options)) {
      seen.push(`ADDED ${object.metadata?.name}`)
      // The timer is set when the next event is waited for.
      setImmediate(() => void clock.advance(options.idleTimeoutMs))
    }
  }
  const error = await read().catch((e: unknown) => e)
  assert.deepEqual(seen, ['ADDED a'])
  assert(error instanceof WatchError)
  assert.equal(error.kind, 'stalled')
})

test('a slow reader is no silence: time counts only while the server is waited for', async () => {
  const clock = new ManualClock()
  await using server = await scriptedServer((_, response) => response.end(event('ADDED', 'a')))
  let timers = -1
  for await (const _ of server.client({ clock }).watch(pods, options)) timers = clock.timers
  assert.equal(timers, 0)
})

test('a connection that breaks is a reset, inside a line too', async () => {
  const broken = await watched(response => response.write(event('ADDED', 'a'), () => response.destroy()))
  assert(broken.error instanceof TransportError)
  assert.deepEqual([broken.seen, broken.error.kind], [['ADDED a'], 'reset'])
  const cut = await watched(response => response.end(event('ADDED', 'a') + event('ADDED', 'b').slice(0, 10)))
  assert(cut.error instanceof TransportError)
  assert.deepEqual([cut.seen, cut.error.kind], [['ADDED a'], 'reset'])
})

test('a watch that the server refuses is an API error', async () => {
  const { error } = await watched(response => failure(response, 403, 'Forbidden', { message: 'no' }))
  assert.equal(String(error), 'ApiError: watch pods: 403 Forbidden: no')
})

test(
  'an abort ends it at once with the reason of the signal, also while its reader is busy',
  { timeout: 60_000 },
  async () => {
    const reason = new Error('leaving')
    for (const busy of [true, false]) {
      const controller = new AbortController()
      await using server = await scriptedServer((_, response) => response.write(event('ADDED', 'a')))
      const read = async () => {
        for await (const _ of server
          .client()
          .watch(pods, { ...options, idleTimeoutMs: 60_000, signal: controller.signal })) {
          if (!busy) setImmediate(() => controller.abort(reason))
          else controller.abort(reason)
          await new Promise(setImmediate)
        }
      }
      await assert.rejects(read(), reason)
    }
  },
)

test('a reader that stops closes the connection', async () => {
  const closed = Promise.withResolvers<void>()
  await using server = await scriptedServer((_, response) => {
    response.on('close', closed.resolve)
    response.write(event('ADDED', 'a'))
  })
  for await (const _ of server.client().watch(pods, options)) break
  await closed.promise
})

test('objects are mapped before they are handed over, bookmarks are not', async () => {
  await using server = await scriptedServer((_, response) => response.end(event('ADDED', 'a') + event('BOOKMARK', 'b')))
  const names: unknown[] = []
  for await (const { object } of server.client().watch(pods, { ...options, map: mapped }))
    names.push(object.metadata?.name)
  assert.deepEqual(names, ['mapped', 'b'])
})
