/** The demo as a newcomer runs it, on a control plane of its own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { until } from '../support/until.ts'

const DEMO = join(import.meta.dirname, '../../demo/main.ts')

interface RunningDemo {
  /** Resolves once the output holds the text. */
  readonly says: (text: string) => Promise<void>
  readonly signal: (signal: NodeJS.Signals) => void
  readonly ended: Promise<{ readonly status: number | null; readonly output: string }>
  /** Everything that it writes lies here. */
  readonly scratch: string
}

async function startDemo(t: TestContext, env: NodeJS.ProcessEnv = {}): Promise<RunningDemo> {
  const scratch = await mkdtemp(join(tmpdir(), 'sei-demo-test-'))
  const child = spawn(process.execPath, [DEMO], {
    env: { ...process.env, SEICTL: '', ONCE: '1', TMPDIR: scratch, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(async () => {
    child.kill('SIGKILL')
    await rm(scratch, { recursive: true, force: true, maxRetries: 10 })
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<{ status: number | null; output: string }>(resolve => {
    child.once('close', status => resolve({ status, output }))
  })
  return {
    scratch,
    ended,
    signal: signal => child.kill(signal),
    says: async text => {
      const { promise: said, resolve } = Promise.withResolvers<void>()
      const listener = (): void => {
        if (output.includes(text)) resolve()
      }
      listeners.add(listener)
      listener()
      await Promise.race([said, ended.then(end => assert.fail(`it ended before it said "${text}":\n${end.output}`))])
      listeners.delete(listener)
    },
  }
}

/** A demo's directory is removed when its processes have ended. */
async function assertNothingLeft(scratch: string): Promise<void> {
  const found = (): Promise<string[]> => readdir(scratch)
  await until('nothing to be left behind', async () => ((await found()).length === 0 ? true : undefined), { found })
}

test('R11: the samples and a node of each bootstrap mode get to Running, task by task, and nothing is left behind', async t => {
  const demo = await startDemo(t)
  const { status, output } = await demo.ended
  assert.equal(status, 0, output)
  assert.match(output, /All 12 nodes are Running/)
  for (const [name, tasks] of [
    ['mainnet-0', 7],
    ['pacific-1-shadow-replayer', 7],
    ['atlantic-2-state-sync', 6],
    ['testnet-genesis', 5],
    ['devnet-validator', 3],
    ['arctic-1-full', 4],
    ['pacific-1-archive', 5],
    ['pacific-1-seed', 5],
  ] as const) {
    assert.match(output, new RegExp(`^[0-9.]+s ${name} Running ${tasks}/${tasks}$`, 'm'), name)
  }
  assert.match(output, /s mainnet-0 Initializing 1\/7 snapshot-restore\n/)
  await assertNothingLeft(demo.scratch)
})

test('SEICTL: every pod runs that program as its sidecar, with fakes of S3, EC2 and peers', async t => {
  const programs = await mkdtemp(join(tmpdir(), 'sei-demo-seictl-'))
  t.after(() => rm(programs, { recursive: true, force: true }))
  const seictl = join(programs, 'seictl')
  const record = join(programs, 'starts')
  const main = join(import.meta.dirname, '../../testing/fakes/sidecar/main.ts')
  const script = `#!/bin/sh
echo "$SEI_CHAIN_ID" >> '${record}'
exec '${process.execPath}' '${main}' "$@" --rpc --profile=v0.0.70
`
  await writeFile(seictl, script, { mode: 0o755 })
  const demo = await startDemo(t, { SEICTL: seictl })
  const { status, output } = await demo.ended
  assert.equal(status, 0, output)
  assert.match(output, /All 12 nodes are Running/)
  assert.ok(output.includes(`The sidecars are ${seictl}`), output)
  const starts = (await readFile(record, 'utf8')).trim().split('\n')
  assert.equal(starts.length, 12)
  await assertNothingLeft(demo.scratch)
})

for (const text of ['Starting the control plane', 'Initializing']) {
  test(`SIGTERM after "${text}": the exit status is 143 and nothing is left behind`, async t => {
    const demo = await startDemo(t)
    await demo.says(text)
    demo.signal('SIGTERM')
    const { status, output } = await demo.ended
    assert.equal(status, 143, output)
    await assertNothingLeft(demo.scratch)
  })
}
