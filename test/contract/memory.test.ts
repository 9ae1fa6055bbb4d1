/** What a sidecar remembers: known ids, task results, list order, DELETE, and what a restart leaves. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { contract } from './contract.ts'
import type { Sidecar } from './contract.ts'
import { field } from './http.ts'

const RESTORE = { bucket: 'b', prefix: 'p/', region: 'eu-central-1', chainId: 'arctic-1' }

async function status(sidecar: Sidecar, id: string): Promise<unknown> {
  return field((await sidecar.get(`/v0/tasks/${id}`)).json, 'status')
}

contract('a task result has id, type, status, params and two RFC 3339 stamps', async sidecar => {
  const params = { mode: 'full', incremental: false, targetVersion: 0 }
  const task = await sidecar.completes('config-apply', params)
  const { release, runCounter } = sidecar.profile
  assert.deepEqual(
    Object.keys(task).toSorted(),
    ['completedAt', 'id', 'params', ...(runCounter ? ['run'] : []), 'status', 'submittedAt', 'type'].toSorted(),
  )
  assert.equal(task['type'], 'config-apply')
  assert.deepEqual(task['params'], params)
  const zone = release >= 25 ? /Z$/ : /(Z|[+-]\d\d:\d\d)$/
  for (const name of ['submittedAt', 'completedAt']) {
    assert.match(String(task[name]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?/)
    assert.match(String(task[name]), zone)
  }
  if (runCounter) assert.equal(task['run'], 1)
  const read = await sidecar.client.task(String(task['id']))
  assert.deepEqual([read?.status, read?.params, read?.run], ['completed', params, runCounter ? 1 : undefined])
})

contract('a task without parameters shows none, and a running one no completedAt', async sidecar => {
  const task = await sidecar.completes('mark-ready')
  assert.equal('params' in task, false)
  const hold = sidecar.subject.holdRestore()
  const id = await sidecar.submit('snapshot-restore', RESTORE)
  const running = await sidecar.get(`/v0/tasks/${id}`)
  assert.equal(field(running.json, 'status'), 'running')
  assert.equal(field(running.json, 'completedAt'), undefined)
  hold.release()
  await sidecar.ended(id)
})

contract('the list shows what runs and what ended, newest first', async sidecar => {
  const ids: string[] = []
  for (let n = 0; n < 3; n++) ids.push(String((await sidecar.completes('mark-ready'))['id']))
  const hold = sidecar.subject.holdRestore()
  ids.push(await sidecar.submit('snapshot-restore', RESTORE))
  assert.deepEqual(
    (await sidecar.client.tasks()).map(task => task.id),
    ids.toReversed(),
  )
  hold.release()
  await sidecar.ended(ids[3] ?? '')
})

contract('the list ends after 10 entries, from v0.0.25 on after 100', async sidecar => {
  const ids: string[] = []
  for (let n = 0; n < 11; n++) ids.push(String((await sidecar.completes('mark-ready'))['id']))
  const durable = sidecar.profile.store === 'database'
  assert.equal((await sidecar.client.tasks()).length, durable ? 11 : 10)
  // The eleventh pushes the first one out of a memory of ten.
  assert.equal((await sidecar.get(`/v0/tasks/${ids[0]}`)).status, durable ? 200 : 404)
  if (!durable) return
  for (let n = 0; n < 90; n++) await sidecar.completes('mark-ready')
  assert.equal((await sidecar.client.tasks()).length, 100)
  assert.equal((await sidecar.get(`/v0/tasks/${ids[0]}`)).status, 200)
})

contract(
  'every submission is a new task, the same id or not',
  async sidecar => {
    const id = randomUUID()
    const first = await sidecar.submit('mark-ready', undefined, id)
    await sidecar.ended(first)
    assert.notEqual(await sidecar.submit('mark-ready', undefined, id), first)
    assert.equal((await sidecar.client.tasks()).length, 2)
  },
  { when: profile => !profile.clientIds },
)

contract(
  'the id of a running or completed task is answered and nothing runs again, whatever the type',
  async sidecar => {
    const id = randomUUID()
    const hold = sidecar.subject.holdRestore()
    await sidecar.submit('snapshot-restore', RESTORE, id)
    assert.equal(await sidecar.submit('mark-ready', undefined, id), id)
    assert.equal(await status(sidecar, id), 'running')
    hold.release()
    const ended = await sidecar.ended(id)
    assert.equal(ended['type'], 'snapshot-restore')
    assert.equal((await sidecar.get('/v0/healthz')).status, 503)
    const done = String((await sidecar.completes('config-apply', { mode: 'full' }))['id'])
    assert.equal(await sidecar.submit('mark-ready', undefined, done), done)
    assert.equal((await sidecar.get('/v0/healthz')).status, 503)
    const unknown = await sidecar.post({ id: done, type: 'foo' })
    assert.deepEqual(unknown.json, { error: 'unknown task type: foo' })
  },
  { when: profile => profile.clientIds },
)

contract(
  'a failed id stays failed, with the old parameters and error',
  async sidecar => {
    const id = randomUUID()
    await sidecar.ended(await sidecar.submit('config-apply', { mode: 'bogus' }, id))
    assert.equal(await sidecar.submit('config-apply', { mode: 'full' }, id), id)
    const task = await sidecar.ended(id)
    assert.deepEqual([task['status'], task['params']], ['failed', { mode: 'bogus' }])
    assert.equal(task['error'], 'config-apply: invalid mode "bogus"')
  },
  { when: profile => profile.clientIds && profile.failedId === 'stays-failed' },
)

contract(
  'a failed id runs again with the new parameters, and run counts it',
  async sidecar => {
    const id = randomUUID()
    const failed = await sidecar.ended(await sidecar.submit('config-apply', { mode: 'bogus' }, id))
    assert.equal(await sidecar.submit('config-apply', { mode: 'full' }, id), id)
    const task = await sidecar.ended(id)
    assert.deepEqual([task['status'], task['params'], task['run']], ['completed', { mode: 'full' }, 2])
    assert.ok(String(task['submittedAt']) > String(failed['submittedAt']))
    assert.equal('error' in task, false)
  },
  { when: profile => profile.failedId === 'runs-again' },
)

contract('DELETE forgets an ended task, once', async sidecar => {
  const id = String((await sidecar.completes('mark-ready'))['id'])
  const path = `/v0/tasks/${id}`
  const first = await sidecar.request({ method: 'DELETE', path })
  assert.deepEqual([first.status, first.text], [204, ''])
  assert.equal((await sidecar.get(path)).status, 404)
  const second = await sidecar.request({ method: 'DELETE', path })
  assert.deepEqual([second.status, second.json], [404, { error: 'task not found' }])
})

contract(
  'DELETE of a running task removes the row, which comes back when the task ends',
  async sidecar => {
    const hold = sidecar.subject.holdRestore()
    const id = await sidecar.submit('snapshot-restore', RESTORE)
    assert.equal((await sidecar.request({ method: 'DELETE', path: `/v0/tasks/${id}` })).status, 204)
    assert.equal((await sidecar.get(`/v0/tasks/${id}`)).status, 404)
    hold.release()
    const deadline = Date.now() + 60_000
    while ((await sidecar.get(`/v0/tasks/${id}`)).status === 404) {
      assert.ok(Date.now() < deadline, 'the row of the deleted task did not come back within 60 s')
    }
    assert.notEqual(await status(sidecar, id), 'running')
  },
  { when: profile => profile.deleteRunning === 'reappears' },
)

contract(
  'DELETE of a running task cancels and forgets it',
  async sidecar => {
    const hold = sidecar.subject.holdRestore()
    const id = await sidecar.submit('snapshot-restore', RESTORE)
    assert.equal((await sidecar.request({ method: 'DELETE', path: `/v0/tasks/${id}` })).status, 204)
    hold.release()
    await sidecar.completes('mark-ready')
    assert.equal((await sidecar.get(`/v0/tasks/${id}`)).status, 404)
  },
  { when: profile => profile.deleteRunning === 'cancels' },
)

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  contract(
    `after ${signal} and a restart nothing is remembered`,
    async sidecar => {
      const id = String((await sidecar.completes('mark-ready'))['id'])
      await sidecar.subject.restart(signal)
      assert.equal((await sidecar.get(`/v0/tasks/${id}`)).status, 404)
      assert.deepEqual((await sidecar.get('/v0/tasks')).json, [])
      assert.equal((await sidecar.get('/v0/healthz')).status, 503)
      await sidecar.completes('mark-ready')
      assert.equal((await sidecar.get('/v0/healthz')).status, 200)
    },
    { when: profile => profile.store === 'memory' },
  )

  contract(
    `after ${signal} and a restart ids are kept, readiness is not, and only a new mark-ready brings it back`,
    async sidecar => {
      const id = String((await sidecar.completes('mark-ready'))['id'])
      await sidecar.subject.restart(signal)
      assert.equal(await status(sidecar, id), 'completed')
      assert.equal((await sidecar.get('/v0/healthz')).status, 503)
      assert.equal(await sidecar.submit('mark-ready', undefined, id), id)
      assert.equal((await sidecar.get('/v0/healthz')).status, 503)
      await sidecar.completes('mark-ready')
      assert.equal((await sidecar.get('/v0/healthz')).status, 200)
    },
    { when: profile => profile.store === 'database' },
  )

  contract(
    `a task that runs across ${signal} is executed again under the same id and run`,
    async sidecar => {
      const hold = sidecar.subject.holdRestore()
      const id = await sidecar.submit('snapshot-restore', RESTORE)
      await sidecar.subject.restart(signal)
      assert.equal(await status(sidecar, id), 'running')
      hold.release()
      const task = await sidecar.ended(id)
      if (sidecar.profile.runCounter) assert.equal(task['run'], 1)
    },
    {
      when: profile => profile.store === 'database',
      ...(signal === 'SIGTERM' && { realSkip: 'to v0.0.60 a race: SIGTERM may also save the task as failed' }),
    },
  )
}
