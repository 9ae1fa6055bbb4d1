/** POST /v0/tasks: what is accepted, what is refused, in which order and with which words. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { contract } from './contract.ts'
import { field } from './http.ts'

contract('an accepted task answers with nothing but its id', async sidecar => {
  const answer = await sidecar.post({ type: 'mark-ready' })
  assert.equal(answer.status, sidecar.profile.acceptedStatus)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.ok(typeof answer.json === 'object' && answer.json !== null)
  assert.deepEqual(Object.keys(answer.json), ['id'])
  assert.match(String(field(answer.json, 'id')), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/)
})

contract(
  'the id in a request is ignored, whatever its type',
  async sidecar => {
    for (const id of [randomUUID(), 'abc', 7, { a: 1 }, '']) {
      const answer = await sidecar.post({ id, type: 'mark-ready' })
      assert.equal(answer.status, sidecar.profile.acceptedStatus, answer.text)
      assert.notEqual(field(answer.json, 'id'), id)
      await sidecar.ended(String(field(answer.json, 'id')))
    }
  },
  { when: profile => !profile.clientIds },
)

contract(
  'the id in a request is used as it is sent, and made where it is empty or missing',
  async sidecar => {
    const id = randomUUID().toUpperCase()
    assert.equal(field((await sidecar.post({ id, type: 'mark-ready' })).json, 'id'), id)
    assert.equal((await sidecar.get(`/v0/tasks/${id}`)).status, 200)
    assert.equal((await sidecar.get(`/v0/tasks/${id.toLowerCase()}`)).status, 404)
    for (const body of [{ id: '', type: 'mark-ready' }, { id: null, type: 'mark-ready' }, { type: 'mark-ready' }]) {
      assert.match(String(field((await sidecar.post(body)).json, 'id')), /^[0-9a-f-]{36}$/)
    }
  },
  { when: profile => profile.clientIds },
)

contract(
  'an id that is no UUID is refused, and one that is no string is no request',
  async sidecar => {
    const bad = await sidecar.post({ id: 'abc', type: 'mark-ready' })
    assert.deepEqual([bad.status, bad.json], [400, { error: 'task ID must be a valid UUID: "abc"' }])
    const number = await sidecar.post({ id: 7, type: 'mark-ready' })
    assert.deepEqual([number.status, number.json], [400, { error: 'invalid request body' }])
    const unknownFirst = await sidecar.post({ id: 'abc', type: 'foo' })
    assert.deepEqual(unknownFirst.json, { error: 'unknown task type: foo' })
  },
  { when: profile => profile.clientIds },
)

contract('a body that is no request is refused', async sidecar => {
  const bodies = ['', '{', 'x', '[]', '"text"', '7', '{"type":7}', '{"type":"mark-ready","params":[]}']
  for (const body of [...bodies, '{"type":"mark-ready","params":"x"}']) {
    const answer = await sidecar.post(body)
    assert.deepEqual([body, answer.status, answer.json], [body, 400, { error: 'invalid request body' }])
  }
})

contract('a request without a type is refused', async sidecar => {
  for (const body of ['{}', 'null', '{"type":""}', '{"params":{}}']) {
    const answer = await sidecar.post(body)
    assert.deepEqual([body, answer.status, answer.json], [body, 400, { error: 'type is required' }])
  }
})

contract('an unknown type is refused', async sidecar => {
  const answer = await sidecar.post({ type: 'foo' })
  assert.deepEqual([answer.status, answer.json], [400, { error: 'unknown task type: foo' }])
  const inherited = await sidecar.post({ type: 'toString' })
  assert.deepEqual([inherited.status, inherited.json], [400, { error: 'unknown task type: toString' }])
})

const KNOWN: readonly (readonly [type: string, since: number, until?: number])[] = [
  ['discover-peers', 16, 56],
  ['await-condition', 19],
  ['generate-identity', 22],
  ['set-genesis-peers', 23],
  ['mark-not-ready', 64],
  ['snapshot-upload-once', 66],
]
for (const [type, since, until = Infinity] of KNOWN) {
  contract(
    `${type} is known from v0.0.${since} to ${until === Infinity ? 'the end' : `v0.0.${until}`}`,
    async sidecar => {
      const { release } = sidecar.profile
      const answer = await sidecar.post({ type })
      if (release >= since && release <= until) assert.equal(answer.status, sidecar.profile.acceptedStatus)
      else assert.deepEqual([answer.status, answer.json], [400, { error: `unknown task type: ${type}` }])
    },
  )
}

contract('unknown fields, trailing text, a large body and any content type are accepted', async sidecar => {
  const accepted = sidecar.profile.acceptedStatus
  const { client } = sidecar
  const bodies = [
    '{"type":"mark-ready","colour":"red"} trailing',
    '{"type":"mark-ready"}{"type":"foo"}',
    JSON.stringify({ type: 'mark-ready', params: { filler: 'x'.repeat(300_000) } }),
  ]
  for (const body of bodies) {
    const answer = await sidecar.post(body, { 'Content-Type': 'text/html' })
    assert.equal(answer.status, accepted, answer.text)
    await sidecar.ended(String(field(answer.json, 'id')))
  }
  assert.ok((await client.tasks()).length > 0)
})

contract('parameters are never checked at submission: a bad one fails the task', async sidecar => {
  const answer = await sidecar.post({ type: 'config-apply', params: { mode: 'bogus' } })
  assert.equal(answer.status, sidecar.profile.acceptedStatus)
  const task = await sidecar.ended(String(field(answer.json, 'id')))
  assert.equal(task['status'], 'failed')
  assert.equal(task['error'], 'config-apply: invalid mode "bogus"')
})

contract(
  'schedule.cron is stored and not run now',
  async sidecar => {
    const answer = await sidecar.post({ type: 'mark-ready', schedule: { cron: '0 0 * * *' } })
    assert.equal(answer.status, 201)
    const task = await sidecar.get(`/v0/tasks/${String(field(answer.json, 'id'))}`)
    assert.equal(field(task.json, 'status'), 'running')
    assert.match(String(field(task.json, 'nextRunAt')), /^\d{4}-\d\d-\d\dT/)
    assert.deepEqual(field(task.json, 'schedule'), { cron: '0 0 * * *' })
    assert.equal((await sidecar.get('/v0/healthz')).status, 503)
    const bad = await sidecar.post({ type: 'mark-ready', schedule: { cron: 'often' } })
    assert.equal(bad.status, 400)
    assert.match(String(field(bad.json, 'error')), /^invalid cron expression/)
    for (const schedule of [{}, { blockHeight: 5 }]) {
      const empty = await sidecar.post({ type: 'mark-ready', schedule })
      assert.deepEqual([empty.status, empty.json], [400, { error: 'schedule must specify a cron expression' }])
    }
  },
  { when: profile => profile.schedule === 'schedule' },
)

contract(
  'schedule is ignored: the task runs once, now',
  async sidecar => {
    for (const schedule of [{ cron: '0 0 * * *' }, { cron: 'often' }, {}]) {
      const answer = await sidecar.post({ type: 'mark-ready', schedule })
      assert.equal(answer.status, sidecar.profile.acceptedStatus)
      await sidecar.ended(String(field(answer.json, 'id')))
    }
    assert.equal((await sidecar.get('/v0/healthz')).status, 200)
  },
  { when: profile => profile.schedule !== 'schedule' },
)

contract('async.schedule.cron and async.daemon are read in one release only', async sidecar => {
  const scheduled = await sidecar.post({ type: 'mark-ready', async: { schedule: { cron: '@daily' } } })
  const read = sidecar.profile.schedule === 'async'
  assert.equal(scheduled.status, read ? 201 : sidecar.profile.acceptedStatus)
  const task = await sidecar.get(`/v0/tasks/${String(field(scheduled.json, 'id'))}`)
  assert.equal(field(task.json, 'async') !== undefined, read)
})

contract(
  'while one task runs, another is refused as busy',
  async sidecar => {
    const params = { bucket: 'b', prefix: 'p/', region: 'eu-central-1', chainId: 'arctic-1' }
    const hold = sidecar.subject.holdRestore()
    const held = await sidecar.submit('snapshot-restore', params)
    assert.deepEqual((await sidecar.get('/v0/status')).json, { status: 'Running' })
    const refused = await sidecar.post({ type: 'mark-ready' })
    assert.deepEqual([refused.status, refused.json], [409, { error: 'a task is already running' }])
    const scheduled = await sidecar.post({ type: 'mark-ready', schedule: { cron: '@daily' } })
    if (sidecar.profile.schedule === 'schedule') assert.equal(scheduled.status, 201)
    assert.equal((await sidecar.request({ method: 'DELETE', path: `/v0/tasks/${held}` })).status, 404)
    hold.release()
    await sidecar.ended(held)
    await sidecar.completes('mark-ready')
  },
  { when: profile => profile.oneAtATime },
)

contract(
  'tasks run beside each other, and nothing is ever busy',
  async sidecar => {
    const params = { bucket: 'b', prefix: 'p/', region: 'eu-central-1', chainId: 'arctic-1' }
    const hold = sidecar.subject.holdRestore()
    const first = await sidecar.submit('snapshot-restore', params)
    const second = await sidecar.submit('snapshot-restore', params)
    await sidecar.completes('mark-ready')
    assert.deepEqual((await sidecar.get('/v0/status')).json, { status: 'Ready' })
    for (const id of [first, second]) assert.equal((await sidecar.client.task(id))?.status, 'running')
    hold.release()
    await sidecar.ended(first)
    await sidecar.ended(second)
  },
  { when: profile => !profile.oneAtATime },
)
