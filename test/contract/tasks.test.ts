/** Tasks of a sidecar: what POST accepts, what is remembered, and what a restart leaves. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { until } from '../support/until.ts'
import { contract } from './contract.ts'

const RESTORE = { bucket: 'b', prefix: 'p/', region: 'eu-central-1', chainId: 'arctic-1' }

contract('readiness is 503 with an empty body until mark-ready, then 200', async sidecar => {
  const before = await sidecar.get('/v0/healthz')
  assert.deepEqual([before.status, before.text, await sidecar.client.health()], [503, '', 'not-ready'])
  assert.deepEqual((await sidecar.get('/v0/status')).json, { status: 'Initializing' })
  await sidecar.completes('mark-ready')
  const after = await sidecar.get('/v0/healthz')
  assert.deepEqual([after.status, after.text, await sidecar.client.health()], [200, '', 'ready'])
  assert.deepEqual((await sidecar.get('/v0/status')).json, { status: 'Ready' })
})

contract('an unknown task is a JSON 404, an unknown path a plain text one', async sidecar => {
  const task = await sidecar.get(`/v0/tasks/${randomUUID()}`)
  assert.deepEqual([task.status, task.contentType, task.json], [404, 'application/json', { error: 'task not found' }])
  const path = await sidecar.get('/v1/tasks')
  assert.deepEqual([path.status, path.text], [404, '404 page not found\n'])
})

contract('what is no request is refused, in the order of body, type and id', async sidecar => {
  const refusals: readonly (readonly [string, string])[] = [
    ['{', 'invalid request body'],
    ['"text"', 'invalid request body'],
    ['{"type":"mark-ready","params":[]}', 'invalid request body'],
    ['{}', 'type is required'],
    ['{"id":"none","type":"toString"}', 'unknown task type: toString'],
  ]
  for (const [body, error] of refusals) {
    const answer = await sidecar.post(body)
    assert.deepEqual([body, answer.status, answer.json], [body, 400, { error }])
  }
  if (!sidecar.profile.clientIds) return
  const known = await sidecar.post({ id: 'none', type: 'snapshot-upload' })
  assert.deepEqual([known.status, known.json], [400, { error: 'task ID must be a valid UUID: "none"' }])
  assert.deepEqual(await sidecar.client.tasks(), [])
})

contract('newer releases have no discover-peers, and older ones no snapshot-upload-once', async sidecar => {
  const { discoversPeers, uploadsOnce } = sidecar.profile
  for (const [type, isKnown] of [
    ['discover-peers', discoversPeers] as const,
    ['snapshot-upload-once', uploadsOnce] as const,
  ]) {
    if (isKnown) await sidecar.run(type)
    else assert.deepEqual((await sidecar.post({ type })).json, { error: `unknown task type: ${type}` })
  }
})

contract('a submitted task is found by the id that was sent or, where ids are ignored, in the list', async sidecar => {
  const id = randomUUID()
  const used = await sidecar.client.submit({ id, type: 'mark-ready' })
  assert.equal(used === id, sidecar.profile.clientIds)
  assert.equal((await sidecar.client.task(id))?.type, sidecar.profile.clientIds ? 'mark-ready' : undefined)
  assert.deepEqual(
    (await sidecar.client.tasks()).map(task => task.id),
    [used],
  )
})

contract('a result has id, type, status, params and two RFC 3339 stamps', async sidecar => {
  const params = { mode: 'full', incremental: false, targetVersion: 0 }
  const { id } = await sidecar.completes('config-apply', params)
  const { json } = await sidecar.get(`/v0/tasks/${id}`)
  const { submittedAt, completedAt, ...rest } = json
  for (const stamp of [submittedAt, completedAt]) assert.match(String(stamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
  const counted = sidecar.profile.repeatsFailed ? { run: 1 } : {}
  assert.deepEqual(rest, { id, type: 'config-apply', status: 'completed', params, ...counted })
})

contract('parameters are never checked at submission: a bad one fails the task', async sidecar => {
  assert.equal(await sidecar.fails('config-apply', { mode: 'bogus' }), 'config-apply: invalid mode "bogus"')
})

contract('while one task runs, another is refused as busy or runs beside it', async sidecar => {
  const hold = sidecar.subject.holdRestore()
  const blocked = await sidecar.submit('snapshot-restore', RESTORE)
  if (sidecar.profile.oneAtATime) {
    const refused = await sidecar.post({ type: 'mark-ready' })
    assert.deepEqual([refused.status, refused.json], [409, { error: 'a task is already running' }])
  } else {
    await sidecar.completes('mark-ready')
  }
  const running = await sidecar.get(`/v0/tasks/${blocked}`)
  assert.deepEqual([running.json['status'], running.json['completedAt']], ['running', undefined])
  hold.release()
  await sidecar.ended(blocked)
  await sidecar.completes('mark-ready')
})

contract('the list shows what runs and what ended, newest first', async sidecar => {
  const ids: string[] = []
  for (let n = 0; n < 3; n++) ids.push((await sidecar.completes('mark-ready')).id)
  const hold = sidecar.subject.holdRestore()
  const blocked = await sidecar.submit('snapshot-restore', RESTORE)
  assert.deepEqual(
    (await sidecar.client.tasks()).map(task => task.id),
    [blocked, ...ids.toReversed()],
  )
  hold.release()
  await sidecar.ended(blocked)
})

contract('an in-memory store keeps ten ended tasks, a database all', async sidecar => {
  const ids: string[] = []
  for (let n = 0; n < 11; n++) ids.push((await sidecar.completes('mark-ready')).id)
  const isDatabase = sidecar.profile.store === 'database'
  assert.equal((await sidecar.client.tasks()).length, isDatabase ? 11 : 10)
  assert.equal((await sidecar.client.task(ids[0] ?? ''))?.status, isDatabase ? 'completed' : undefined)
})

contract(
  'the id of a running or completed task is answered and nothing runs again, whatever the type',
  async sidecar => {
    const hold = sidecar.subject.holdRestore()
    const running = await sidecar.submit('snapshot-restore', RESTORE)
    assert.equal(await sidecar.submit('mark-ready', undefined, running), running)
    hold.release()
    assert.equal((await sidecar.ended(running)).type, 'snapshot-restore')
    const { id: completed } = await sidecar.completes('config-apply', { mode: 'full' })
    assert.equal(await sidecar.submit('mark-ready', undefined, completed), completed)
    assert.equal(await sidecar.client.health(), 'not-ready')
  },
  { when: profile => profile.clientIds },
)

contract(
  'the id of a failed task stays failed or runs again with the new parameters',
  async sidecar => {
    const id = randomUUID()
    await sidecar.ended(await sidecar.submit('config-apply', { mode: 'bogus' }, id))
    assert.equal(await sidecar.submit('config-apply', { mode: 'full' }, id), id)
    const { status, error, run, params } = await sidecar.ended(id)
    const expected = sidecar.profile.repeatsFailed
      ? ['completed', undefined, 2, { mode: 'full' }]
      : ['failed', 'config-apply: invalid mode "bogus"', undefined, { mode: 'bogus' }]
    assert.deepEqual([status, error, run, params], expected)
  },
  { when: profile => profile.clientIds },
)

contract('DELETE forgets an ended task, once', async sidecar => {
  const { id } = await sidecar.completes('mark-ready')
  assert.equal(await sidecar.client.forget(id), 'gone')
  assert.equal(await sidecar.client.task(id), undefined)
  assert.equal(await sidecar.client.forget(id), 'unknown')
})

contract('DELETE of a running task is refused, cancels it, or hides it until it ends', async sidecar => {
  const { deleteRunning } = sidecar.profile
  const hold = sidecar.subject.holdRestore()
  const id = await sidecar.submit('snapshot-restore', RESTORE)
  const isRefused = deleteRunning === 'refused'
  assert.equal((await sidecar.delete(id)).status, isRefused ? 404 : 204)
  assert.equal((await sidecar.client.task(id))?.status, isRefused ? 'running' : undefined)
  hold.release()
  if (deleteRunning === 'cancels') {
    await sidecar.completes('mark-ready')
    assert.equal(await sidecar.client.task(id), undefined)
  } else {
    await until('the task to come back', () => sidecar.client.task(id))
    await sidecar.ended(id)
  }
})

contract(
  'after a restart an in-memory store is empty and a database kept, and only a new mark-ready makes it ready',
  async sidecar => {
    const { id } = await sidecar.completes('mark-ready')
    await sidecar.subject.restart()
    assert.equal(await sidecar.client.health(), 'not-ready')
    const isDatabase = sidecar.profile.store === 'database'
    assert.equal((await sidecar.client.task(id))?.status, isDatabase ? 'completed' : undefined)
    if (isDatabase) {
      await sidecar.submit('mark-ready', undefined, id)
      assert.equal(await sidecar.client.health(), 'not-ready')
    }
    await sidecar.completes('mark-ready')
    assert.equal(await sidecar.client.health(), 'ready')
  },
)

contract(
  'a task that is killed with its process runs again under the same id and run',
  async sidecar => {
    const hold = sidecar.subject.holdRestore()
    const id = await sidecar.submit('snapshot-restore', RESTORE)
    await sidecar.subject.restart()
    assert.equal((await sidecar.client.task(id))?.status, 'running')
    hold.release()
    assert.equal((await sidecar.ended(id)).run, sidecar.profile.repeatsFailed ? 1 : undefined)
  },
  { when: profile => profile.store === 'database' },
)
