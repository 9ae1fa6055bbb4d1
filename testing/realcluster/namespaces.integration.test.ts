/** A command in its own namespaces leaves nothing behind, however it ends. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { until } from '../../test/support/until.ts'
import { cgroupOf, runInNamespaces } from './namespaces.ts'
import { missingRequirement } from './requirements.ts'

const missing = await missingRequirement()
const skip = missing ?? false

/** The programs that the namespaces themselves need are those of this machine. */
const runtime = { dir: '', programs: [], libraries: [], cniPlugins: '', versions: '' }

function newDirectory(): string {
  return mkdtempSync('/var/tmp/sei-namespaces-')
}

function isGone(dir: string): boolean {
  const cgroups = globSync([`/sys/fs/cgroup/*/${cgroupOf(dir)}`, `/sys/fs/cgroup/${cgroupOf(dir)}`])
  return !existsSync(dir) && cgroups.length === 0
}

async function untilGone(dir: string): Promise<void> {
  await until(`cgroups and directory of ${dir} to be gone`, () => (isGone(dir) ? true : undefined))
}

/** A process that runs `sleep` in namespaces and prints nothing; resolves with the id of PID 1 as seen from here. */
async function startSleeper(dir: string): Promise<{ runner: ReturnType<typeof spawn>; init: number }> {
  const program = `import { runInNamespaces } from ${JSON.stringify(join(import.meta.dirname, 'namespaces.ts'))}
    process.exit(await runInNamespaces(['sleep', '1000'], ${JSON.stringify({ dir, runtime, env: process.env })}))`
  const runner = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' })
  const init = await until('the command in its namespaces', () => {
    const [path] = globSync([
      `/sys/fs/cgroup/pids/${cgroupOf(dir)}/system/cgroup.procs`,
      `/sys/fs/cgroup/${cgroupOf(dir)}/system/cgroup.procs`,
    ])
    const ids = path === undefined ? [] : readFileSync(path, 'utf8').trim().split('\n').map(Number)
    const isSleeping = ids.some(id => commandOf(id).startsWith('sleep'))
    return isSleeping ? ids.find(id => commandOf(id).startsWith('/bin/sh')) : undefined
  })
  return { runner, init }
}

/** Empty for one that ended, whether somebody took note of that or not. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

test('a command that ends hands on its status, and its directory and cgroups go', { skip }, async () => {
  const dir = newDirectory()
  const status = await runInNamespaces(['sh', '-c', 'test "$(hostname)" = sei-node-0 && exit 7'], {
    dir,
    runtime,
    env: process.env,
  })
  assert.equal(status, 7)
  assert.ok(isGone(dir))
})

test('SIGKILL to PID 1 ends everything in the namespaces', { skip }, async () => {
  const dir = newDirectory()
  const { runner, init } = await startSleeper(dir)
  process.kill(init, 'SIGKILL')
  await once(runner, 'exit')
  await untilGone(dir)
})

test('SIGKILL to the process that made the namespaces ends everything in them, too', { skip }, async () => {
  const dir = newDirectory()
  const { runner, init } = await startSleeper(dir)
  runner.kill('SIGKILL')
  await untilGone(dir)
  assert.equal(commandOf(init), '')
})

test('SIGTERM ends everything as well', { skip }, async () => {
  const dir = newDirectory()
  const { runner } = await startSleeper(dir)
  runner.kill('SIGTERM')
  await once(runner, 'exit')
  await untilGone(dir)
})
