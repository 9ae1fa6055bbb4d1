/** Tests of how a fake node starts, against a client that the test plays. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../../src/kube/errors.ts'
import { scriptedServer, answer, failure } from '../../../src/kube/scripted-server.ts'
import { startFakeNode } from './node.ts'

const NOT_LINUX = process.platform === 'linux' ? false : 'this system has no loopback addresses of its own for pods'

test('a fake node that cannot start lets go of everything', { skip: NOT_LINUX, timeout: 60_000 }, async () => {
  const watching = new Set<string>()
  const opened = Promise.withResolvers<void>()
  await using server = await scriptedServer(({ method, path, query }, response) => {
    if (path.endsWith('/persistentvolumes')) {
      void opened.promise.then(() => failure(response, 403, 'Forbidden', { message: 'no such rule' }))
    } else if (query.has('watch')) {
      watching.add(path)
      response.on('close', () => watching.delete(path))
      response.flushHeaders()
      if (watching.size === 3) opened.resolve()
    } else {
      answer(response, 200, method === 'GET' ? { metadata: { resourceVersion: '5' }, items: [] } : {})
    }
  })
  await assert.rejects(
    startFakeNode({ client: server.client() }),
    (error: unknown) => error instanceof ApiError && error.status === 403,
  )
  while (watching.size > 0) await new Promise(setImmediate)
})
