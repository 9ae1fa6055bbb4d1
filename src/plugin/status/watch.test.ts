/** How a watch ends. */
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createIo } from '../output/terminal.ts'
import { watchView } from './watch.ts'

test('Ctrl-C during a read ends a watch with 0; an error of the read without it does not', async () => {
  const stop = new AbortController()
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const io = createIo({ stdin, stdout, stderr }, false, stop.signal)
  await assert.rejects(
    watchView(io, () => Promise.reject(new Error('no such node'))),
    /no such node/,
  )
  const code = await watchView(io, () => {
    stop.abort(new Error('SIGINT'))
    return Promise.reject(new Error('aborted'))
  })
  assert.equal(code, 0)
  assert.equal(stderr.read(), null)
})
