/** Tests of the probes, over HTTP. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthHandler } from './health.ts'
import { serve } from './serve-for-test.ts'

test('a probe answers 503 with the check that failed, and 200 once none does', async t => {
  let problem: string | undefined = 'pods not synced'
  const get = await serve(t, healthHandler({ healthz: { ping: () => undefined }, readyz: { caches: () => problem } }))
  const failed = await get('/readyz')
  assert.deepEqual([failed.status, failed.body], [503, 'failed caches: pods not synced\n'])
  assert.equal((await get('/healthz')).status, 200)
  problem = undefined
  const passed = await get('/readyz?verbose')
  assert.deepEqual([passed.status, passed.body], [200, 'ok caches\n'])
})

test('a check can be asked for by its name', async t => {
  const get = await serve(t, healthHandler({ healthz: { a: () => undefined, b: () => 'broken' }, readyz: {} }))
  assert.equal((await get('/healthz')).status, 503)
  assert.equal((await get('/healthz/a')).status, 200)
  assert.equal((await get('/healthz/b')).status, 503)
  assert.equal((await get('/healthz/c')).status, 404)
  assert.equal((await get('/readyz')).status, 200)
})

test('a check that throws has failed', async t => {
  const get = await serve(t, healthHandler({ healthz: {}, readyz: { broken: () => assert.fail('bug') } }))
  const failed = await get('/readyz')
  assert.deepEqual([failed.status, failed.body], [503, 'failed broken: AssertionError [ERR_ASSERTION]: bug\n'])
})

test('other paths are not found', async t => {
  const get = await serve(t, healthHandler({ healthz: {}, readyz: {} }))
  for (const path of ['/', '/health', '/healthz/a/b', '/constructor', '/metrics']) {
    assert.equal((await get(path)).status, 404, path)
  }
})
