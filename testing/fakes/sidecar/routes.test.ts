/** What the fake's HTTP surface answers besides the protocol: the marks of Go's server. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import { createFakeSidecar, MemoryHome } from './index.ts'

async function origin(t: TestContext): Promise<string> {
  const sidecar = createFakeSidecar({ profile: 'v0.0.25', home: new MemoryHome() })
  t.after(() => sidecar.close())
  const { host, port } = await sidecar.listen('127.0.0.1', 0)
  return `http://${host}:${port}`
}

test('a path that is no URL is a bad request, and the sidecar lives on', async t => {
  const url = await origin(t)
  for (const path of ['/v0/tasks/%zz', '/%', '/v0/healthz%2']) {
    const response = await fetch(url + path)
    assert.deepEqual([response.status, await response.text()], [400, '400 Bad Request'], path)
  }
  const notText = await fetch(`${url}/v0/tasks/%ff`)
  assert.deepEqual([notText.status, await notText.text()], [404, '{"error":"task not found"}\n'])
  assert.equal((await fetch(`${url}/v0/status`)).status, 200)
})

test('connections are kept, and no hint says for how long', async t => {
  const url = await origin(t)
  const { headers } = await fetch(`${url}/v0/status`)
  assert.deepEqual([headers.get('connection'), headers.get('keep-alive')], [null, null])
})
