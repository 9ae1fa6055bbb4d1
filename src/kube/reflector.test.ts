/** A reflector keeps its sink right through everything that a server and a connection can do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, TransportError, WatchError } from './errors.ts'
import { runReflector, type ReflectorEvent, type ReflectorOptions } from './reflector.ts'
import { pods } from './resources.ts'
import { steppingClock } from './scripted-server.ts'
import type { KubeObject, WatchEvent } from './types.ts'

const asked = { operation: 'watch', object: 'pods' }
const gone = new WatchError(asked, 'error', 'expired', { status: 410 })
const refused = new TransportError(asked, 'connect', 'ECONNREFUSED')
const pod = (name: string, resourceVersion: string, uid = name) => ({ metadata: { name, resourceVersion, uid } })

type Outcome = Error | { items: KubeObject[]; resourceVersion: string }
/** Events of one watch; an Error ends it. */
type Stream = (WatchEvent | Error)[]

/**
 * Runs against a client that plays the lists and streams in order, then aborts; answers with what was asked (`list`,
 * `watch 5`), what the sink got, the errors and the sleeps.
 */
async function run(
  lists: Outcome[],
  streams: Stream[],
  more: { sink?: ReflectorOptions<KubeObject>['sink']; watchMs?: number } = {},
) {
  const { watchMs = 300_000, ...options } = more
  const controller = new AbortController()
  const clock = steppingClock()
  const calls: string[] = []
  const sunk: string[] = []
  const errors: unknown[] = []
  const left = <T>(items: T[]): T => {
    const next = items.shift()
    if (next !== undefined) return next
    controller.abort(new Error('the script has ended'))
    throw controller.signal.reason
  }
  const client = {
    async list() {
      calls.push('list')
      const outcome = left(lists)
      if (outcome instanceof Error) throw outcome
      return outcome
    },
    async *watch(_: unknown, { resourceVersion }: { resourceVersion: string }) {
      calls.push(`watch ${resourceVersion}`)
      for (const event of left(streams)) {
        if (event instanceof Error) throw event
        clock.advance(10_000)
        yield event
      }
      clock.advance(watchMs)
    },
  }
  await runReflector<KubeObject>({
    client,
    resource: pods,
    sink: event => sunk.push(describe(event)),
    onError: error => errors.push(error),
    signal: controller.signal,
    clock,
    random: () => 0,
    ...options,
  })
  return { calls, sunk, errors, sleeps: clock.sleeps }
}

function describe(event: ReflectorEvent<KubeObject>): string {
  return event.kind === 'replaced'
    ? `replaced ${event.items.map(nameAndUid).join()}`
    : `${event.kind} ${nameAndUid(event.object)}`
}

function nameAndUid({ metadata }: KubeObject): string {
  return `${metadata?.name}/${metadata?.uid}`
}

test('it lists, watches from there, and resumes from the last event when the server ends the watch', async () => {
  const added: WatchEvent = { type: 'ADDED', object: pod('b', '6') }
  const deleted: WatchEvent = { type: 'DELETED', object: pod('a', '8') }
  const seen = await run([{ items: [pod('a', '4')], resourceVersion: '5' }], [[added], [deleted], []])
  assert.deepEqual(seen.calls, ['list', 'watch 5', 'watch 6', 'watch 8', 'watch 8'])
  assert.deepEqual(seen.sunk, ['replaced a/a', 'applied b/b', 'deleted a/a'])
  assert.deepEqual([seen.errors, seen.sleeps], [[], []])
})

test('it resumes from a bookmark', async () => {
  const bookmark: WatchEvent = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '90' } } }
  const seen = await run([{ items: [], resourceVersion: '5' }], [[bookmark]])
  assert.deepEqual(seen.calls, ['list', 'watch 5', 'watch 90'])
})

test('failure mode 36: 410 causes a relist, which shows an object that was deleted and recreated meanwhile with another UID', async () => {
  const lists = [
    { items: [pod('a', '4', 'old')], resourceVersion: '5' },
    { items: [pod('a', '40', 'new')], resourceVersion: '50' },
  ]
  const seen = await run(lists, [[gone], []])
  assert.deepEqual(seen.calls, ['list', 'watch 5', 'list', 'watch 50', 'watch 50'])
  assert.deepEqual(seen.sunk, ['replaced a/old', 'replaced a/new'])
  assert.deepEqual(seen.errors, [gone])
})

test('while the server is away it waits longer and longer, and then resumes without a list', async () => {
  const empty = { items: [], resourceVersion: '5' }
  const seen = await run([empty], [...Array.from({ length: 8 }, () => [refused]), []])
  assert.deepEqual(seen.calls, ['list', ...Array.from({ length: 10 }, () => 'watch 5')])
  assert.deepEqual(seen.sleeps, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  assert.equal(seen.errors.length, 8)
})

test('a list that fails is repeated for as long as it takes', async () => {
  const forbidden = new ApiError(asked, 403, { reason: 'Forbidden' })
  const missing = new ApiError(asked, 404, {})
  const seen = await run([refused, forbidden, missing, { items: [], resourceVersion: '5' }], [])
  assert.deepEqual(seen.calls, ['list', 'list', 'list', 'list', 'watch 5'])
  assert.deepEqual(seen.errors, [refused, forbidden, missing])
  assert.deepEqual(seen.sleeps, [250, 500, 1000])
})

test('it waits at least as long as the server asks', async () => {
  const busy = new ApiError(asked, 429, {}, { retryAfterMs: 30_000 })
  const seen = await run([busy, { items: [], resourceVersion: '5' }], [])
  assert.deepEqual(seen.sleeps, [30_000])
})

test('a list after a failure is followed by its watch at once', async () => {
  const lists = [
    { items: [], resourceVersion: '5' },
    { items: [], resourceVersion: '9' },
  ]
  const seen = await run(lists, [[gone], []])
  assert.deepEqual(seen.sleeps, [250])
})

test('a server that ends every watch at once is not asked without pause', async () => {
  const seen = await run([{ items: [], resourceVersion: '5' }], [[], [], [], []], { watchMs: 10 })
  assert.deepEqual(seen.sleeps, [250, 500, 1000, 2000])
  assert.deepEqual([...new Set(seen.calls)], ['list', 'watch 5'])
})

test('a sink that throws gets a relist', async () => {
  let broken = true
  const sunk: string[] = []
  const bug = new Error('bug')
  const list = { items: [pod('a', '4')], resourceVersion: '5' }
  const seen = await run([list, { ...list }], [[{ type: 'ADDED', object: pod('b', '6') }], []], {
    sink: event => {
      sunk.push(describe(event))
      if (event.kind === 'applied' && broken) {
        broken = false
        throw bug
      }
    },
  })
  assert.deepEqual(sunk, ['replaced a/a', 'applied b/b', 'replaced a/a'])
  assert.deepEqual(seen.errors, [bug])
})

test('an abort ends it at once, wherever it is, and is no error', async () => {
  for (const where of ['list', 'watch', 'sleep']) {
    const controller = new AbortController()
    const errors: unknown[] = []
    const hang = (here: string) => {
      if (here === where) setImmediate(() => controller.abort(new Error('leaving')))
      return new Promise<never>((_, reject) => {
        controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true })
      })
    }
    await runReflector<KubeObject>({
      client: {
        list: () => (where === 'list' ? hang('list') : Promise.resolve({ items: [], resourceVersion: '5' })),
        // oxlint-disable-next-line require-yield -- a watch that never sees an event
        async *watch() {
          if (where === 'sleep') throw refused
          await hang('watch')
        },
      },
      resource: pods,
      sink: () => undefined,
      onError: error => errors.push(error),
      signal: controller.signal,
      clock: {
        monotonic: () => 0,
        setTimeout: () => {
          void hang('sleep').catch(() => undefined)
          return { [Symbol.dispose]: () => undefined }
        },
        clearTimeout: () => undefined,
      },
    })
    assert.deepEqual(errors, where === 'sleep' ? [refused] : [], where)
  }
})
