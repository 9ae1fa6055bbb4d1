/** The commands of testing/controlplane/main.ts, as make and developers call them. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../../test/support/until.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

interface Started {
  readonly child: ChildProcess
  /** The first line that it prints. */
  readonly firstLine: Promise<string>
  /** Its exit status. */
  readonly status: Promise<number | null>
}

function start(t: TestContext, ...args: string[]): Started {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const lines = createInterface(child.stdout)
  const firstLine = once(lines, 'line').then(([line]) => String(line))
  const status = new Promise<number | null>(resolve => child.once('exit', resolve))
  return { child, firstLine, status }
}

test('exec passes the command its control plane, and its exit status back', async t => {
  const { firstLine, status } = start(
    t,
    'exec',
    '--',
    'sh',
    '-c',
    '"$KUBECTL" version -o json | grep -c gitVersion; echo; exit 7',
  )
  assert.equal(await firstLine, '2')
  assert.equal(await status, 7)
})

test('a stop of exec ends its command and its control plane', async t => {
  const { child, firstLine, status } = start(
    t,
    'exec',
    '--',
    'sh',
    '-c',
    'echo "$SEI_CONTROLPLANE_DIR"; exec sleep 600',
  )
  const dir = await firstLine
  assert.ok(existsSync(dir))
  child.kill('SIGTERM')
  assert.equal(await status, 143)
  // What is left over when the process ends, its reaper takes away.
  await until(`${dir} to be removed`, () => (existsSync(dir) ? undefined : true))
})

test('up runs until Ctrl-C and prints how to use the cluster', async t => {
  const { child, firstLine, status } = start(t, 'up')
  assert.match(await firstLine, /The control plane is ready/)
  child.kill('SIGINT')
  assert.equal(await status, 0)
})
