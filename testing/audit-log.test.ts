/** Requests are counted from the audit log by user, kind and time. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { countRequests, readAuditLog } from './audit-log.ts'

interface LineOptions {
  readonly user?: string
  readonly stage?: string
  readonly resource?: string
  readonly subresource?: string
  readonly status?: number
  /** In seconds. */
  readonly at?: number
}

function line(verb: string, options: LineOptions = {}): string {
  const {
    user = 'operator',
    stage = 'ResponseComplete',
    resource = 'seinodes',
    subresource,
    status = 200,
    at = 1,
  } = options
  return JSON.stringify({
    stage,
    requestURI: `/apis/sei.io/v1alpha1/${resource}`,
    verb,
    user: { username: user },
    objectRef: { resource, ...(subresource !== undefined && { subresource }) },
    responseStatus: { code: status },
    requestReceivedTimestamp: new Date(at * 1000).toISOString(),
  })
}

const ALWAYS = { from: 0, to: Number.POSITIVE_INFINITY }

async function read(lines: readonly string[], user = 'operator'): ReturnType<typeof readAuditLog> {
  const dir = await mkdtemp(join(tmpdir(), 'audit-log-'))
  const path = join(dir, 'audit.log')
  await writeFile(path, lines.join('\n'))
  try {
    return await readAuditLog(path, user)
  } finally {
    await rm(dir, { recursive: true })
  }
}

test('requests are counted by verb and by what they are about, the most frequent first', async () => {
  const log = await read([
    line('get', { resource: 'pods' }),
    line('update', { subresource: 'status' }),
    line('update', { subresource: 'status' }),
    line('patch'),
  ])
  const count = countRequests(log, ALWAYS)
  assert.equal(count.requests, 4)
  assert.equal(count.writes, 3)
  assert.deepEqual(Object.entries(count.byVerb), [
    ['update', 2],
    ['get', 1],
    ['patch', 1],
  ])
  assert.deepEqual(count.byKind, { 'update seinodes/status': 2, 'get pods': 1, 'patch seinodes': 1 })
})

test('requests of other users are left out', async () => {
  const log = await read([line('get'), line('get', { user: 'bench' })])
  assert.equal(countRequests(log, ALWAYS).requests, 1)
})

test('a watch counts when it opens, apart from requests, and not again when it ends', async () => {
  const log = await read([
    line('watch', { stage: 'ResponseStarted' }),
    line('watch', { stage: 'ResponseComplete' }),
    line('watch', { stage: 'ResponseStarted', at: 5 }),
  ])
  const count = countRequests(log, { from: 0, to: 5000 })
  assert.equal(count.requests, 0)
  assert.equal(count.watchesOpened, 1)
})

test('a request belongs to the period in which it arrived: its end is outside', async () => {
  const log = await read([1, 2, 3].map(at => line('get', { at })))
  assert.equal(countRequests(log, { from: 1000, to: 3000 }).requests, 2)
  assert.equal(countRequests(log, { from: 3000, to: 4000 }).requests, 1)
})

test('refused requests are counted, and named by their status', async () => {
  const log = await read([line('update', { status: 409 }), line('create', { status: 201 })])
  const count = countRequests(log, ALWAYS)
  assert.equal(count.requests, 2)
  assert.deepEqual(count.failed, { 409: 1 })
})

test('a line that the server has only begun to write is left out', async () => {
  const log = await read([line('get'), line('get').slice(0, 40)])
  assert.equal(log.length, 1)
})
