/** Children that are watched, stopped with everything they started, and never left behind. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { until } from '../../test/support/until.ts'
import { hasEnded } from './has-ended.ts'
import { Supervisor } from './supervisor.ts'
import { testDirectory } from './test-directory.ts'

const DEADLINE_MS = 60_000

function supervise(t: TestContext): { supervisor: Supervisor; logPath: string } {
  const supervisor = new Supervisor()
  t.after(() => supervisor.stop())
  return { supervisor, logPath: join(testDirectory(t), 'log') }
}

function shell(script: string, logPath: string): { path: string; name: string; args: string[]; logPath: string } {
  return { path: '/bin/sh', name: 'thing', args: ['-c', script], logPath }
}

test('what a process prints is in its log, and its exit is reported', async t => {
  const { supervisor, logPath } = supervise(t)
  const child = supervisor.spawn(shell('echo out; echo err >&2; exit 3', logPath))
  assert.deepEqual(await child.exited, { kind: 'code', code: 3 })
  assert.equal(child.logTail(), 'out\nerr')
})

test('a program that does not exist is reported, not thrown', async t => {
  const { supervisor, logPath } = supervise(t)
  const child = supervisor.spawn({ path: '/nonexistent/program', args: [], logPath })
  const exit = await child.exited
  assert.equal(exit.kind, 'not-started')
  await assert.rejects(
    child.untilReady(async () => false, { deadlineMs: DEADLINE_MS }),
    /program could not be started: .*ENOENT/,
  )
})

test('waiting for readiness ends with the log when the process ends first', async t => {
  const { supervisor, logPath } = supervise(t)
  const child = supervisor.spawn(shell('echo address already in use; exit 1', logPath))
  await assert.rejects(
    child.untilReady(async () => false, { deadlineMs: DEADLINE_MS }),
    /^Error: thing exited with status 1; the end of .*log:\naddress already in use$/,
  )
})

test('waiting for readiness ends at its deadline, with the last error of the probe as cause', async t => {
  const { supervisor, logPath } = supervise(t)
  const child = supervisor.spawn(shell('exec sleep 60', logPath))
  const cause = new Error('connection refused')
  const waiting = child.untilReady(() => Promise.reject(cause), { deadlineMs: 50, intervalMs: 5 })
  await assert.rejects(waiting, { message: /^thing was not ready within 0.05 s/, cause })
})

test('stopping asks first, and kills what does not listen', async t => {
  const { supervisor, logPath } = supervise(t)
  const polite = supervisor.spawn(shell('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.01; done', logPath))
  await until('the trap is set', () => polite.logTail().includes('up') || undefined)
  assert.deepEqual(await polite.stop(DEADLINE_MS), { kind: 'code', code: 0 })
  const deaf = supervisor.spawn(shell('trap "" TERM; echo deaf; while :; do sleep 0.01; done', logPath))
  await until('the trap is set', () => deaf.logTail().includes('deaf') || undefined)
  assert.deepEqual(await deaf.stop(50), { kind: 'signal', signal: 'SIGKILL' })
})

test('stopping a process stops what it started', async t => {
  const { supervisor, logPath } = supervise(t)
  const child = supervisor.spawn(shell('sleep 60 & echo $!; wait', logPath))
  await until('the grandchild has started', () => /^\d+$/.test(child.logTail()) || undefined)
  const grandchild = Number(child.logTail())
  await supervisor.stop()
  await until('the grandchild has ended', () => hasEnded(grandchild) || undefined)
})

test('SIGKILL of the process that started them ends the children and removes their directory', async t => {
  const dir = testDirectory(t)
  const scratch = join(dir, 'scratch')
  const log = join(dir, 'log')
  mkdirSync(scratch)
  const program = `
    import { Supervisor } from ${JSON.stringify(new URL('supervisor.ts', import.meta.url).href)}
    const supervisor = new Supervisor(${JSON.stringify(scratch)})
    const command = { path: '/bin/sh', args: ['-c', 'exec sleep 60'], logPath: ${JSON.stringify(log)} }
    const ended = supervisor.spawn({ ...command, args: ['-c', 'exit 0'] })
    await ended.exited
    console.log(JSON.stringify([supervisor.spawn(command).pid, supervisor.spawn(command).pid]))`
  const parent = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  const pids: unknown = JSON.parse(String(line))
  assert.ok(Array.isArray(pids) && pids.length === 2 && pids.every(pid => typeof pid === 'number' && !hasEnded(pid)))
  parent.kill('SIGKILL')
  await until(
    'both children have ended',
    () => pids.every(pid => typeof pid === 'number' && hasEnded(pid)) || undefined,
  )
  await until('the directory is gone', () => !existsSync(scratch) || undefined)
})

test('a directory that is written to while it is removed is removed anyway', async t => {
  const scratch = join(testDirectory(t), 'scratch')
  mkdirSync(scratch)
  const program = `process.chdir(process.argv[1]); for (let i = 0; i < 10_000; i += 1) fs.mkdirSync(String(i))`
  const writer = spawn(process.execPath, ['--eval', program, scratch], { stdio: 'ignore' })
  t.after(() => writer.kill('SIGKILL'))
  await until('it writes', () => existsSync(join(scratch, '0')) || undefined)
  await new Supervisor(scratch).stop()
  await once(writer, 'exit')
  await until('the directory is gone', () => !existsSync(scratch) || undefined)
})
