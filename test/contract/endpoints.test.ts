/** Which paths exist in which release, and what each answers. */
import assert from 'node:assert/strict'

import { contract } from './contract.ts'
import { VARIABLES } from './subject.ts'

contract('readiness is 503 with an empty body until mark-ready, then 200', async sidecar => {
  const before = await sidecar.get('/v0/healthz')
  assert.deepEqual([before.status, before.text], [503, ''])
  assert.equal(await sidecar.client.health(), 'not-ready')
  assert.deepEqual((await sidecar.get('/v0/status')).json, { status: 'Initializing' })
  await sidecar.completes('mark-ready')
  const after = await sidecar.get('/v0/healthz')
  assert.deepEqual([after.status, after.text], [200, ''])
  assert.equal(await sidecar.client.health(), 'ready')
  assert.deepEqual((await sidecar.get('/v0/status')).json, { status: 'Ready' })
})

contract('an unknown path is a plain text 404, which is no answer about a task', async sidecar => {
  const answer = await sidecar.get('/v1/tasks')
  assert.equal(answer.status, 404)
  assert.equal(answer.text, '404 page not found\n')
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
})

contract('a wrong method is a plain text 405 that names the right ones', async sidecar => {
  const answer = await sidecar.request({ method: 'PUT', path: '/v0/tasks', body: '{}' })
  assert.equal(answer.status, 405)
  assert.equal(answer.text, 'Method Not Allowed\n')
  assert.deepEqual(
    String(answer.headers.allow)
      .split(', ')
      .filter(method => method !== 'HEAD'),
    ['GET', 'POST'],
  )
})

contract('errors of a handler are JSON', async sidecar => {
  const answer = await sidecar.get('/v0/tasks/00000000-0000-4000-8000-000000000000')
  assert.equal(answer.status, 404)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.deepEqual(answer.json, { error: 'task not found' })
  assert.equal(await sidecar.client.task('00000000-0000-4000-8000-000000000000'), undefined)
})

contract('an empty task list is an empty array', async sidecar => {
  const answer = await sidecar.get('/v0/tasks')
  assert.deepEqual([answer.status, answer.json], [200, []])
  assert.deepEqual(await sidecar.client.tasks(), [])
})

const SINCE: readonly (readonly [path: string, release: number])[] = [
  ['/v0/node-id', 21],
  ['/v0/livez', 31],
  ['/v0/metrics', 31],
  ['/v0/startupz', 50],
]
for (const [path, release] of SINCE) {
  contract(
    `${path} does not exist before v0.0.${release}`,
    async sidecar => {
      const answer = await sidecar.get(path)
      assert.deepEqual([answer.status, answer.text], [404, '404 page not found\n'])
    },
    { when: profile => profile.release < release },
  )
}

contract(
  'node-id without a key is a 500 that names the file',
  async sidecar => {
    const answer = await sidecar.get('/v0/node-id')
    assert.equal(answer.status, 500)
    assert.match(answer.text, /node_key\.json not found/)
  },
  { when: profile => profile.release >= 21 },
)

contract(
  'livez is 200 before and after mark-ready, with an empty body',
  async sidecar => {
    const answer = await sidecar.get('/v0/livez')
    assert.deepEqual([answer.status, answer.text], [200, ''])
  },
  { when: profile => profile.release >= 31 },
)

contract(
  'metrics are in Prometheus text format',
  async sidecar => {
    const answer = await sidecar.get('/v0/metrics')
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['content-type']), /^text\/plain/)
    assert.match(answer.text, /^# HELP /m)
  },
  { when: profile => profile.release >= 31 },
)

contract(
  'startupz follows readiness',
  async sidecar => {
    assert.equal((await sidecar.get('/v0/startupz')).status, 503)
    await sidecar.completes('mark-ready')
    assert.equal((await sidecar.get('/v0/startupz')).status, 200)
  },
  { when: profile => profile.release >= 50 },
)

contract(
  'in trusted-header mode every path but the probes wants exactly one X-Remote-User',
  async sidecar => {
    for (const path of ['/v0/healthz', '/v0/startupz', '/v0/livez', '/v0/metrics']) {
      assert.notEqual((await sidecar.get(path)).status, 401, path)
    }
    const refused = await sidecar.get('/v0/tasks')
    assert.equal(refused.status, 401)
    assert.deepEqual(refused.json, { error: 'missing X-Remote-User header' })
    const admitted = await sidecar.request({ path: '/v0/tasks', headers: { 'X-Remote-User': 'operator' } })
    assert.equal(admitted.status, 200)
    const two = await sidecar.request({ path: '/v0/tasks', headers: { 'X-Remote-User': ['a', 'b'] } })
    assert.equal(two.status, 401)
    const error = await sidecar.client.tasks().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof Error)
    assert.match(error.message, /unset SEI_SIDECAR_AUTHN_MODE/)
  },
  {
    when: profile => profile.authentication,
    variables: { ...VARIABLES, SEI_SIDECAR_AUTHN_MODE: 'trusted-header' },
  },
)
