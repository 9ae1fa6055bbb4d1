/** Where the cache is, whatever the home directory is like. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { cacheRoot } from './cache-root.ts'
import { testDirectory } from './test-directory.ts'

test('XDG_CACHE_HOME comes before the home directory', async t => {
  const xdg = testDirectory(t)
  const home = testDirectory(t)
  const expected = { dir: join(xdg, 'sei-k8s-controller'), overriddenHome: false }
  assert.deepEqual(await cacheRoot({ XDG_CACHE_HOME: xdg, HOME: home }), expected)
  assert.ok(existsSync(expected.dir))
})

test('without it the cache is in ~/.cache', async t => {
  const home = testDirectory(t)
  const expected = { dir: join(home, '.cache', 'sei-k8s-controller'), overriddenHome: false }
  assert.deepEqual(await cacheRoot({ HOME: home }), expected)
})

test('a home directory that cannot be used is replaced, for tools that need one too', async t => {
  const file = join(testDirectory(t), 'file')
  writeFileSync(file, '')
  const temporary = testDirectory(t)
  const { dir, overriddenHome } = await cacheRoot({ HOME: join(file, 'home') }, temporary)
  assert.ok(dir.startsWith(temporary))
  assert.equal(overriddenHome, true)
  const xdg = testDirectory(t)
  assert.equal((await cacheRoot({ XDG_CACHE_HOME: xdg, HOME: join(file, 'home') })).overriddenHome, true)
})

test('a home directory that does not exist is not made', async t => {
  const home = join(testDirectory(t), 'nobody')
  const temporary = testDirectory(t)
  const { dir, overriddenHome } = await cacheRoot({ HOME: home }, temporary)
  assert.equal(existsSync(home), false)
  assert.deepEqual([dir, overriddenHome], [join(temporary, `sei-k8s-controller-${userInfo().uid}`), true])
  assert.equal(statSync(dir).mode & 0o777, 0o700)
})

test('below the temporary directory only a directory of one’s own is trusted', async t => {
  const home = join(testDirectory(t), 'nobody')
  for (const prepare of [
    (dir: string) => mkdirSync(dir, { mode: 0o755 }),
    (dir: string) => symlinkSync(tmpdir(), dir),
  ]) {
    const temporary = testDirectory(t)
    const shared = join(temporary, `sei-k8s-controller-${userInfo().uid}`)
    prepare(shared)
    const { dir } = await cacheRoot({ HOME: home }, temporary)
    assert.notEqual(dir, shared)
    assert.ok(dir.startsWith(`${shared}-`))
  }
})
