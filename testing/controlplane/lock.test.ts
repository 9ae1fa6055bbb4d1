/** Who waits, who takes over: the lock file around work that is done once. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { withLock } from './lock.ts'
import { testDirectory } from './test-directory.ts'

const unexpectedWait = { onWait: () => assert.fail('nobody holds the lock') }

function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

test('the second of two waits for the first, and says once for whom', async t => {
  const path = join(testDirectory(t), 'lock')
  const order: string[] = []
  const entered = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const waiting = Promise.withResolvers<void>()
  const first = withLock(path, unexpectedWait, async () => {
    entered.resolve()
    await release.promise
    order.push('first')
  })
  await entered.promise
  const onWait = (holder: string): void => {
    order.push(`waits for ${holder}`)
    waiting.resolve()
  }
  const second = withLock(path, { onWait }, async () => order.push('second'))
  await waiting.promise
  release.resolve()
  await Promise.all([first, second])
  assert.deepEqual(order, [`waits for process ${process.pid}`, 'first', 'second'])
  assert.equal(existsSync(path), false)
})

test('the lock is released when the work fails', async t => {
  const path = join(testDirectory(t), 'lock')
  const failing = withLock(path, unexpectedWait, () => Promise.reject(new Error('no')))
  await assert.rejects(failing, /no/)
  assert.equal(existsSync(path), false)
})

test('the lock of a dead process is taken over at once', async t => {
  const path = join(testDirectory(t), 'lock')
  writeFileSync(path, `${deadPid()} ${hostname()}\n`)
  const holder = await withLock(path, unexpectedWait, async () => readFileSync(path, 'utf8'))
  assert.equal(holder, `${process.pid} ${hostname()}\n`)
})

test('a lock of another host is waited for, whether or not its process id runs here', async t => {
  const path = join(testDirectory(t), 'lock')
  writeFileSync(path, `${deadPid()} other.example\n`)
  const waiting = Promise.withResolvers<string>()
  const done = withLock(path, { onWait: waiting.resolve }, async () => 'done')
  assert.match(await waiting.promise, /^process \d+ on other\.example$/)
  assert.equal(existsSync(path), true)
  rmSync(path)
  assert.equal(await done, 'done')
})

test('a lock that was not touched for half a minute is taken over, whichever process has its process id now', async t => {
  const path = join(testDirectory(t), 'lock')
  writeFileSync(path, `${process.ppid} ${hostname()}\n`)
  const longAgo = Date.now() / 1000 - 31
  utimesSync(path, longAgo, longAgo)
  assert.equal(await withLock(path, unexpectedWait, async () => 'done'), 'done')
})
