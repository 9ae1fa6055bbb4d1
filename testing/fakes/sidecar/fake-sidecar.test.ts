/** What the fake offers to a test or a fake node beyond the protocol: behaviours, hooks, restarts, a volume of either kind. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import type { SidecarClient } from '../../../src/sidecar/client.ts'
import { createSidecarDialer } from '../../../src/sidecar/http-client.ts'
import { ManualClock } from '../../../src/runtime/manual-clock.ts'
import { createFakeSidecar, DirectoryHome, MemoryHome, seidInit } from './index.ts'
import type { Home, FakeSidecarOptions, FakeSidecar } from './index.ts'

async function start(
  t: TestContext,
  options: Partial<FakeSidecarOptions>,
): Promise<{ readonly sidecar: FakeSidecar; readonly client: SidecarClient }> {
  const sidecar = createFakeSidecar({ profile: 'v0.0.25', home: new MemoryHome(), ...options })
  const dial = createSidecarDialer()
  t.after(() => sidecar.close())
  t.after(() => dial.close())
  return { sidecar, client: dial(await sidecar.listen('127.0.0.1', 0)) }
}

async function submit(
  client: SidecarClient,
  type: string,
  params?: Readonly<Record<string, unknown>>,
): Promise<string> {
  return client.submit({ id: randomUUID(), type, ...(params && { params }) })
}

test('a task without a behaviour is over at the first GET', async t => {
  const { client } = await start(t, {})
  for (let n = 0; n < 20; n++)
    assert.equal((await client.task(await submit(client, 'mark-ready')))?.status, 'completed')
})

test('a task fails with the text that its behaviour names, on the attempt that it names', async t => {
  const { client } = await start(t, {
    tasks: (type, _params, attempt) => (type === 'config-apply' && attempt === 1 ? { fail: 'disk full' } : undefined),
  })
  const first = await client.task(await submit(client, 'config-apply', { mode: 'full' }))
  assert.deepEqual([first?.status, first?.error], ['failed', 'disk full'])
  assert.equal((await client.task(await submit(client, 'config-apply', { mode: 'full' })))?.status, 'completed')
})

test('a task takes the time that its behaviour names, on the clock that it was given', async t => {
  const clock = new ManualClock()
  const { client } = await start(t, { clock, tasks: () => ({ durationMs: 60_000 }) })
  const id = await submit(client, 'mark-ready')
  await clock.advance(59_999)
  assert.equal((await client.task(id))?.status, 'running')
  await clock.advance(1)
  assert.equal((await client.task(id))?.status, 'completed')
})

test('a blocked task has no effect before it is released', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { client, sidecar } = await start(t, { tasks: () => ({ block: promise }) })
  const id = await submit(client, 'mark-ready')
  assert.deepEqual([sidecar.ready, (await client.task(id))?.status], [false, 'running'])
  resolve()
  await client.health()
  assert.deepEqual([sidecar.ready, (await client.task(id))?.status], [true, 'completed'])
})

test('v0.0.16 holds its lock for the window after a task reads completed', async t => {
  const clock = new ManualClock()
  const { client } = await start(t, { profile: 'v0.0.16', clock, lockWindowMs: 5 })
  assert.equal((await client.task(await submit(client, 'mark-ready')))?.status, 'completed')
  await assert.rejects(submit(client, 'mark-ready'), { kind: 'busy' })
  await clock.advance(5)
  await submit(client, 'mark-ready')
})

test('requests, executions and readiness are told as they happen', async t => {
  const told: string[] = []
  const { client, sidecar } = await start(t, {
    onRequest: ({ method, path }) => told.push(`${method} ${path}`),
    onExecution: ({ type, run }) => told.push(`run ${run} of ${type}`),
    onReadyChange: ready => told.push(`ready ${ready}`),
  })
  await submit(client, 'mark-ready')
  assert.deepEqual(told, ['POST /v0/tasks', 'run 1 of mark-ready', 'ready true'])
  assert.equal(sidecar.requests.length, 1)
  assert.deepEqual(
    sidecar.history.map(({ type }) => type),
    ['mark-ready'],
  )
})

test('a duplicate id is not executed again', async t => {
  const { client, sidecar } = await start(t, {})
  const id = randomUUID()
  for (let n = 0; n < 3; n++) await client.submit({ id, type: 'mark-ready' })
  assert.equal(sidecar.history.length, 1)
})

test('what a killed process was doing is not written, and is done again by the next one', async t => {
  const home = new MemoryHome()
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = await start(t, { home, tasks: () => ({ block: promise }) })
  const id = await submit(first.client, 'config-apply', { mode: 'full' })
  await first.sidecar.kill()
  resolve()
  await promise
  assert.equal(home.read('config/app.toml'), undefined)
  const second = await start(t, { home })
  assert.equal((await second.client.task(id))?.status, 'completed')
  assert.deepEqual(
    second.sidecar.history.map(execution => execution.id),
    [id],
  )
})

test('a SIGTERM may save a running task as failed with "context canceled"', async t => {
  const home = new MemoryHome()
  const first = await start(t, { home, tasks: () => ({ block: new Promise(() => {}) }) })
  const id = await submit(first.client, 'snapshot-restore')
  await first.sidecar.close({ failRunning: true })
  const second = await start(t, { home })
  const task = await second.client.task(id)
  assert.equal(task?.status, 'failed')
  assert.match(task.error ?? '', /context canceled/)
})

test('a row that a newer release no longer knows fails when it is resumed', async t => {
  const home = new MemoryHome()
  const env = {
    SEI_CHAIN_ID: 'pacific-1',
    SEI_GENESIS_BUCKET: 'x',
    SEI_GENESIS_REGION: 'x',
    SEI_SNAPSHOT_BUCKET: 'x',
    SEI_SNAPSHOT_REGION: 'x',
  }
  const old = await start(t, { profile: 'v0.0.50', home, env, tasks: () => ({ block: new Promise(() => {}) }) })
  const id = await submit(old.client, 'discover-peers', { sources: [] })
  await old.sidecar.close()
  const { client } = await start(t, { profile: 'v0.0.70', home, env })
  assert.equal((await client.task(id))?.error, 'no handler registered for task type')
})

test('an unreachable peer, and EC2 without instances, fail as on a real node', async t => {
  const { client } = await start(t, {
    world: {
      resolvePeers: () => [],
      rpc: {
        latestHeight: () => Promise.reject(new Error('dial tcp: lookup one: no such host')),
        blockHash: () => '',
      },
    },
  })
  const sources = [{ type: 'ec2Tags', region: 'eu-central-1', tags: { a: 'b' } }]
  const discovered = await client.task(await submit(client, 'discover-peers', { sources }))
  assert.equal(discovered?.error, 'no reachable peers found via ec2Tags in region eu-central-1')
  const overrides = { 'network.p2p.persistent_peers': 'a@one:26656' }
  await submit(client, 'config-apply', { mode: 'full', overrides })
  const synced = await client.task(await submit(client, 'configure-state-sync', {}))
  assert.equal(
    synced?.error,
    'configure-state-sync: querying latest height: GET http://one:26657/status: dial tcp: lookup one: no such host',
  )
})

test('a failed id that comes back with another type runs again as what it was', async t => {
  const { client, sidecar } = await start(t, {
    profile: 'v0.0.40',
    env: {
      SEI_CHAIN_ID: 'arctic-1',
      SEI_GENESIS_BUCKET: 'genesis',
      SEI_GENESIS_REGION: 'us-east-2',
      SEI_SNAPSHOT_BUCKET: 'snapshots',
      SEI_SNAPSHOT_REGION: 'us-east-2',
    },
    tasks: (_type, _params, attempt) => (attempt === 1 ? { fail: 'disk full' } : undefined),
  })
  const id = await submit(client, 'config-apply', { mode: 'full' })
  assert.equal((await client.task(id))?.status, 'failed')
  await client.submit({ id, type: 'mark-ready', params: { mode: 'full' } })
  const again = await client.task(id)
  assert.deepEqual([again?.status, again?.type, sidecar.ready], ['completed', 'config-apply', false])
})

test('`seid init` after the sidecar started is refused, before it is not', async t => {
  const before = new MemoryHome()
  seidInit(before, { chainId: 'arctic-1', moniker: 'node' })
  await start(t, { home: before })
  const after = new MemoryHome()
  await start(t, { home: after })
  assert.throws(() => seidInit(after, { chainId: 'arctic-1', moniker: 'node' }), /configuration files already exist/)
})

test('300 sidecars listen on an address each and serve at once', async t => {
  const dial = createSidecarDialer()
  t.after(() => dial.close())
  const addresses = await Promise.all(
    Array.from({ length: 300 }, async (_, n) => {
      const sidecar = createFakeSidecar({ profile: 'v0.0.25', home: new MemoryHome() })
      t.after(() => sidecar.close())
      return sidecar.listen(`127.9.${Math.floor(n / 200)}.${(n % 200) + 1}`, 0)
    }),
  )
  await Promise.all(addresses.map(address => submit(dial(address), 'mark-ready')))
  const answers = await Promise.all(addresses.map(address => dial(address).health()))
  assert.ok(answers.every(answer => answer === 'ready'))
})

const HOMES: readonly (readonly [string, (t: TestContext) => Home])[] = [
  ['MemoryHome', () => new MemoryHome()],
  [
    'DirectoryHome',
    t => {
      const directory = mkdtempSync(join(tmpdir(), 'fake-'))
      t.after(() => rmSync(directory, { recursive: true }))
      return new DirectoryHome(directory)
    },
  ],
]
for (const [name, make] of HOMES) {
  test(`${name} is a volume`, t => {
    const home = make(t)
    assert.deepEqual([home.read('a/b'), home.list('a'), home.isDirectory('a')], [undefined, [], false])
    home.write('a/b', 'one')
    home.append('a/b', ' two')
    home.append('a/c/d', 'three')
    home.makeDirectory('e/f')
    assert.deepEqual([home.read('a/b'), home.read('a/c/d'), home.read('a')], ['one two', 'three', undefined])
    assert.deepEqual([home.list('a'), home.list('a/b'), home.list('')], [['b', 'c'], [], ['a', 'e']])
    assert.deepEqual([home.isDirectory('a'), home.isDirectory('e/f'), home.isDirectory('a/b')], [true, true, false])
    home.remove('a')
    home.remove('never')
    assert.deepEqual([home.read('a/b'), home.read('a/c/d'), home.list('')], [undefined, undefined, ['e']])
  })

  test(`a bootstrap on ${name} survives a restart`, async t => {
    const home = make(t)
    const first = await start(t, { home })
    const id = await submit(first.client, 'config-apply', { mode: 'full' })
    await submit(first.client, 'mark-ready')
    await first.sidecar.close()
    const second = await start(t, { home })
    assert.equal((await second.client.task(id))?.status, 'completed')
    assert.equal(await second.client.health(), 'not-ready')
    assert.equal((await second.client.task(await submit(second.client, 'config-validate')))?.status, 'completed')
  })
}
