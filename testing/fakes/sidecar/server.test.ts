/** What the fake offers to a test or a fake node beyond the contract: behaviours, hooks, restarts, and a process of its own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import type { SidecarClient } from '../../../src/sidecar/client.ts'
import { createSidecarDialer } from '../../../src/sidecar/http-client.ts'
import { ManualClock } from '../../../src/runtime/manual-clock.ts'
import { testDirectory } from '../../controlplane/test-directory.ts'
import { BUCKET_VARIABLES } from './environment.ts'
import { DirectoryHome, FakeSidecar, MemoryHome, profileOf } from './index.ts'
import type { FakeSidecarOptions } from './index.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
const ENVIRONMENT = Object.fromEntries(BUCKET_VARIABLES.map(name => [name, 'arctic-1']))

interface Started {
  readonly sidecar: FakeSidecar
  readonly client: SidecarClient
  /** Resolves with the id. */
  readonly submit: (type: string, params?: Readonly<Record<string, unknown>>) => Promise<string>
}

async function start(t: TestContext, options: Partial<FakeSidecarOptions>): Promise<Started> {
  const sidecar = new FakeSidecar({ profile: 'v0.0.25', home: new MemoryHome(), env: ENVIRONMENT, ...options })
  const dial = createSidecarDialer()
  t.after(() => sidecar.close())
  t.after(() => dial.close())
  const client = dial(await sidecar.listen('127.0.0.1', 0))
  const submit: Started['submit'] = (type, params) =>
    client.submit({ id: randomUUID(), type, ...(params && { params }) })
  return { sidecar, client, submit }
}

test('a task without a behaviour is over at the first GET', async t => {
  const { client, submit } = await start(t, {})
  for (let n = 0; n < 20; n++) assert.equal((await client.task(await submit('mark-ready')))?.status, 'completed')
})

test('a task fails with the text that its behaviour names, on the attempt that it names', async t => {
  const { client, submit } = await start(t, {
    tasks: (type, _params, attempt) => (type === 'config-apply' && attempt === 1 ? { fail: 'disk full' } : undefined),
  })
  const first = await client.task(await submit('config-apply', { mode: 'full' }))
  assert.deepEqual([first?.status, first?.error], ['failed', 'disk full'])
  assert.equal((await client.task(await submit('config-apply', { mode: 'full' })))?.status, 'completed')
})

test('a task takes the time that its behaviour names, on the clock that it was given', async t => {
  const clock = new ManualClock()
  const { client, submit } = await start(t, { clock, tasks: () => ({ durationMs: 60_000 }) })
  const id = await submit('mark-ready')
  await clock.advance(59_999)
  assert.equal((await client.task(id))?.status, 'running')
  await clock.advance(1)
  assert.equal((await client.task(id))?.status, 'completed')
})

test('v0.0.16 holds its lock for the window after a task reads completed', async t => {
  const clock = new ManualClock()
  const { client, submit } = await start(t, { profile: 'v0.0.16', clock, lockWindowMs: 5 })
  assert.equal((await client.task(await submit('mark-ready')))?.status, 'completed')
  await assert.rejects(submit('mark-ready'), { kind: 'busy' })
  await clock.advance(5)
  await submit('mark-ready')
})

test('requests, executions and readiness are reported as they happen', async t => {
  const reported: string[] = []
  const { sidecar, submit } = await start(t, {
    onRequest: ({ method, path }) => reported.push(`${method} ${path}`),
    onExecution: ({ type, run }) => reported.push(`run ${run} of ${type}`),
    onReadyChange: ready => reported.push(`ready ${ready}`),
  })
  await submit('mark-ready')
  assert.deepEqual(reported, ['POST /v0/tasks', 'run 1 of mark-ready', 'ready true'])
  assert.deepEqual([sidecar.requests.length, sidecar.history.length], [1, 1])
})

for (const [kind, homeFor] of [
  ['MemoryHome', () => new MemoryHome()],
  ['DirectoryHome', (t: TestContext) => new DirectoryHome(testDirectory(t))],
] as const) {
  test(`${kind}: what a killed process was doing is not written, and is done again by the next one`, async t => {
    const home = homeFor(t)
    const { promise, resolve } = Promise.withResolvers<void>()
    const first = await start(t, { home, tasks: () => ({ block: promise }) })
    const id = await first.submit('config-apply', { mode: 'full' })
    await first.sidecar.close()
    resolve()
    await promise
    assert.equal(home.read('config/app.toml'), undefined)
    const second = await start(t, { home })
    assert.equal((await second.client.task(id))?.status, 'completed')
    assert.deepEqual([home.list('config'), home.isDirectory('data')], [['app.toml', 'config.toml'], true])
    home.remove('config')
    assert.deepEqual([home.list('config'), home.read('config/app.toml')], [[], undefined])
  })
}

test('a row that a newer release no longer knows fails when it is resumed', async t => {
  const home = new MemoryHome()
  const old = await start(t, { profile: 'v0.0.40', home, tasks: () => ({ block: new Promise(() => {}) }) })
  const id = await old.submit('discover-peers', { sources: [] })
  await old.sidecar.close()
  const { client } = await start(t, { profile: 'v0.0.70', home })
  assert.equal((await client.task(id))?.error, 'no handler registered for task type')
})

test('a release without a profile is refused by name', () => {
  for (const tag of ['v0.0.15', 'v0.0.71', 'v1.0.0', '']) {
    assert.throws(() => profileOf(tag), new RegExp(`seictl ${tag} has no profile: expected v0\\.0\\.16 to v0\\.0\\.70`))
  }
})

test('as a process it exits 1 with the name of the missing variable', async t => {
  const args = [MAIN, 'serve', '--profile', 'v0.0.27', '--home', testDirectory(t), '--port', '0']
  const child = spawn(process.execPath, args, { env: {} })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [code] = await once(child, 'close')
  assert.deepEqual([code, errors], [1, 'required environment variable SEI_CHAIN_ID is not set\n'])
})

test('as a process it serves a real directory and ends on SIGTERM', async t => {
  const env = { SEI_HOME: testDirectory(t), SEI_SIDECAR_PORT: '0' }
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line]: Buffer[] = await once(child.stdout, 'data')
  const port = Number(/:(\d+)\n$/.exec(line?.toString() ?? '')?.[1])
  const answer = await fetch(`http://127.0.0.1:${port}/v0/status`)
  assert.deepEqual(await answer.json(), { status: 'Initializing' })
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
})
