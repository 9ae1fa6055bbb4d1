/** Tests of who may read metrics, with an API server that is a function. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject, Resource } from '../kube/types.ts'
import { createLogger } from './log.ts'
import { ManualClock } from './manual-clock.ts'
import { ScrapeGuard } from './scrape-guard.ts'

interface Asked {
  readonly kind: string
  readonly spec: unknown
}

/** Knows the token `known` and whoever's name begins with it; `allowed` may get metrics. */
function setUp(options: { readonly answers?: Promise<void>; readonly error?: Error } = {}) {
  const asked: Asked[] = []
  const server = { knows: true, allows: true }
  const clock = new ManualClock()
  const log = createLogger({ level: 'error', format: 'json', destination: { write: () => {} } })
  const client = {
    async create<T extends KubeObject>({ kind }: Resource<T>, object: T): Promise<T> {
      asked.push({ kind, spec: 'spec' in object ? object.spec : undefined })
      await options.answers
      if (options.error) throw options.error
      const user = { username: 'prometheus', uid: 'u1', groups: ['g'], extra: { node: ['n'] } }
      const status = kind === 'TokenReview' ? { authenticated: server.knows, user } : { allowed: server.allows }
      return { ...object, status }
    },
  }
  return { guard: new ScrapeGuard({ client, clock, log }), asked, clock, server }
}

test('whoever the API server knows and lets get /metrics is let in', async () => {
  const { guard, asked } = setUp()
  assert.equal(await guard.authorize('t'), 'allowed')
  assert.deepEqual(asked, [
    { kind: 'TokenReview', spec: { token: 't' } },
    {
      kind: 'SubjectAccessReview',
      spec: {
        nonResourceAttributes: { path: '/metrics', verb: 'get' },
        user: 'prometheus',
        uid: 'u1',
        groups: ['g'],
        extra: { node: ['n'] },
      },
    },
  ])
})

test('a token that the API server does not know, and an owner without rights, are refused', async () => {
  const { guard, server, asked } = setUp()
  server.knows = false
  assert.equal(await guard.authorize('a'), 'unauthenticated')
  assert.equal(asked.length, 1)
  Object.assign(server, { knows: true, allows: false })
  assert.equal(await guard.authorize('b'), 'forbidden')
})

test('the API server is asked once a minute for a token that may, and every ten seconds for one that may not', async () => {
  const { guard, server, asked, clock } = setUp()
  await guard.authorize('t')
  await clock.advance(59_999)
  await guard.authorize('t')
  assert.equal(asked.length, 2)
  server.allows = false
  await clock.advance(1)
  assert.equal(await guard.authorize('t'), 'forbidden')
  assert.equal(asked.length, 4)
  server.allows = true
  await clock.advance(9999)
  assert.equal(await guard.authorize('t'), 'forbidden')
  await clock.advance(1)
  assert.equal(await guard.authorize('t'), 'allowed')
})

test('scrapes at the same moment with one token are one question', async () => {
  const { guard, asked } = setUp()
  assert.deepEqual(await Promise.all([guard.authorize('t'), guard.authorize('t')]), ['allowed', 'allowed'])
  assert.equal(asked.length, 2)
})

test('without an answer of the API server nobody is authorized, and the next scrape queries it again', async () => {
  const { guard, asked } = setUp({ error: new Error('connection refused') })
  assert.equal(await guard.authorize('t'), 'unknown')
  assert.equal(await guard.authorize('t'), 'unknown')
  assert.equal(asked.length, 2)
})

test('many made-up tokens neither fill the cache nor overload the API server', async () => {
  const { promise: answers, resolve } = Promise.withResolvers<void>()
  const { guard, server, asked } = setUp({ answers })
  server.knows = false
  const pending = Array.from({ length: 100 }, (_, index) => guard.authorize(`made-up-${index}`))
  resolve()
  const found = await Promise.all(pending)
  assert.equal(asked.length, 8)
  assert.equal(found.filter(decision => decision === 'unknown').length, 92)
  for (let index = 0; index < 128; index += 1) await guard.authorize(`later-${index}`)
  asked.length = 0
  await guard.authorize('later-127')
  assert.equal(asked.length, 0)
  await guard.authorize('made-up-0')
  assert.equal(asked.length, 1)
})
