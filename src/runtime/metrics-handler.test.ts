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
