/** Lists come whole, in pages. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods, statefulSets } from './resources.ts'
import { answer, failure, scriptedServer } from './scripted-server.ts'

const named = (name: string) => ({ metadata: { name } })

test('all pages are fetched, each with the selectors, and the version is that of the list', async () => {
  await using server = await scriptedServer((request, response) =>
    request.query.get('continue') === 'next'
      ? answer(response, 200, { metadata: { resourceVersion: '7' }, items: [named('b')] })
      : answer(response, 200, { metadata: { resourceVersion: '7', continue: 'next' }, items: [named('a')] }),
  )
  const options = { namespace: 'sei', labelSelector: 'x=y', fieldSelector: 'spec.nodeName=n' }
  const list = await server.client().list(pods, options)
  assert.equal(list.resourceVersion, '7')
  assert.deepEqual(
    list.items.map(item => item.metadata?.name),
    ['a', 'b'],
  )
  const first = { labelSelector: 'x=y', fieldSelector: 'spec.nodeName=n', limit: '500' }
  assert.deepEqual(
    server.requests.map(({ path, query }) => [path, Object.fromEntries(query)]),
    [
      ['/api/v1/namespaces/sei/pods', first],
      ['/api/v1/namespaces/sei/pods', { ...first, continue: 'next' }],
    ],
  )
})

test('pages that are too large are requested again, with fewer objects each', async () => {
  const all = Array.from({ length: 120 }, (_, i) => ({
    metadata: { name: `pod-${i}`, annotations: { x: 'x'.repeat(100) } },
  }))
  await using server = await scriptedServer(({ query }, response) => {
    const [from, limit] = [Number(query.get('continue')), Number(query.get('limit'))]
    const next = from + limit
    const metadata = { resourceVersion: '7', ...(next < all.length && { continue: String(next) }) }
    answer(response, 200, { metadata, items: all.slice(from, next) })
  })
  const list = await server.client({ maxAnswerBytes: 10_000 }).list(pods)
  assert.deepEqual(
    list.items.map(({ metadata }) => metadata?.name),
    all.map(({ metadata }) => metadata.name),
  )
  assert.deepEqual(
    server.requests.map(({ query }) => query.get('limit')),
    ['500', '50', '50', '50'],
  )
  const small = server.client({ maxAnswerBytes: 100 }).list(pods)
  await assert.rejects(small, { message: 'list pods: an answer of more than 100 bytes' })
})

test('an expired page starts the list over, and nothing of the first try is left', async () => {
  await using server = await scriptedServer((request, response) => {
    if (request.query.has('continue')) failure(response, 410, 'Expired')
    else if (server.requests.length === 1) {
      answer(response, 200, { metadata: { resourceVersion: '1', continue: 'old' }, items: [named('gone')] })
    } else answer(response, 200, { metadata: { resourceVersion: '9' }, items: [named('a')] })
  })
  const list = await server.client().list(pods)
  assert.deepEqual([list.resourceVersion, list.items.map(item => item.metadata?.name)], ['9', ['a']])
})

test('a list whose pages always expire ends with the 410', async () => {
  await using server = await scriptedServer((request, response) =>
    request.query.has('continue')
      ? failure(response, 410, 'Expired')
      : answer(response, 200, { metadata: { continue: 'old' }, items: [] }),
  )
  await assert.rejects(server.client().list(pods), { status: 410 })
  assert.equal(server.requests.length, 8)
})

test('items say what they are, and are mapped one by one', async () => {
  await using server = await scriptedServer((_, response) =>
    answer(response, 200, {
      metadata: { resourceVersion: '1' },
      items: [named('a')],
    }),
  )
  const list = await server.client().list(statefulSets, {
    map: item => ({ ...item, metadata: { name: `mapped-${item.metadata?.name}` } }),
  })
  assert.deepEqual(list.items, [{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'mapped-a' } }])
})

test('a list of nothing may say null', async () => {
  await using server = await scriptedServer((_, response) =>
    answer(response, 200, { metadata: { resourceVersion: '1' }, items: null }),
  )
  assert.deepEqual(await server.client().list(pods), { items: [], resourceVersion: '1' })
})
