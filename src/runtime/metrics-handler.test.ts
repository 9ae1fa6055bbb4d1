/** Tests of the metrics page, over HTTP. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { metricsHandler } from './metrics-handler.ts'
import { Metrics } from './metrics.ts'
import { serve } from './serve-for-test.ts'

test("metrics are served in Prometheus' text format, at /metrics alone", async t => {
  const get = await serve(t, metricsHandler(new Metrics().registry))
  const page = await get('/metrics')
  assert.equal(page.status, 200)
  assert.match(page.type ?? '', /^text\/plain; version=0\.0\.4/)
  assert.match(page.body, /^# TYPE process_resident_memory_bytes gauge$/m)
  assert.equal((await get('/')).status, 404)
})

test('a collector that fails shows as a failed scrape', async t => {
  const registry = new Registry()
  registry.metrics = () => Promise.reject(new Error('collector broke'))
  const get = await serve(t, metricsHandler(registry))
  const page = await get('/metrics')
  assert.deepEqual([page.status, page.body], [500, 'metrics: Error: collector broke\n'])
})

const REFUSALS = [
  ['no token', {}, 'allowed', 401],
  ['another scheme', { authorization: 'Basic abc' }, 'allowed', 401],
  ['a token that the API server does not know', { authorization: 'Bearer t' }, 'unauthenticated', 401],
  ['an owner who may not', { authorization: 'Bearer t' }, 'forbidden', 403],
  ['an API server that does not say', { authorization: 'Bearer t' }, 'unknown', 503],
  ['an owner who may', { authorization: 'bearer  t ' }, 'allowed', 200],
] as const

for (const [who, headers, decision, status] of REFUSALS) {
  test(`a guarded page answers ${status} to ${who}`, async t => {
    const tokens: string[] = []
    const authorize = async (token: string) => {
      tokens.push(token)
      return decision
    }
    const get = await serve(t, metricsHandler(new Metrics().registry, { authorize }))
    const page = await get('/metrics', headers)
    assert.equal(page.status, status)
    assert.equal(page.body.includes('process_resident_memory_bytes'), status === 200)
    assert.ok(tokens.every(token => token === 't'))
  })
}
