/** What the installation does on machines that are unlike the developer's, with an npm and a node that the test plays. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'

const BROKEN = 'exit 127'
/** As `node --version`, and as `node -e` where it checks its own version. */
const node = (major: number) => `[ "$1" = --version ] && echo v${major}.1.0 && exit 0; [ ${major} -ge 24 ]`

/** Runs the script in a directory of its own; `npm ci` puts `packaged` there, the machine has `own`. */
function install(t: TestContext, packaged: string, own: string, env: Record<string, string> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'install-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const script = (path: string, text: string) => writeFileSync(join(dir, path), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  for (const each of ['hack', 'bin', 'node_modules', 'node_modules/.bin']) mkdirSync(join(dir, each))
  copyFileSync(join(import.meta.dirname, 'install-dependencies'), join(dir, 'hack/install-dependencies'))
  script('packaged', packaged)
  script('bin/node', own)
  script('bin/npm', 'cp packaged node_modules/.bin/node; touch node_modules/.package-lock.json')
  const { status, stderr } = spawnSync('/bin/sh', [join(dir, 'hack/install-dependencies')], {
    env: { PATH: `${join(dir, 'bin')}:/bin:/usr/bin`, TMPDIR: dir, ...env },
    encoding: 'utf8',
  })
  return { status, stderr, has: (path: string) => existsSync(join(dir, path)) }
}

test('it works without a HOME', t => {
  const { status, stderr } = install(t, node(24), node(20))
  assert.equal(status, 0, stderr)
})

test('a packaged Node that does not run here gives way to a good one of the machine', t => {
  const { status, stderr, has } = install(t, BROKEN, node(24))
  assert.equal(status, 0, stderr)
  assert.equal(has('node_modules/.bin/node'), false)
})

test('where no Node 24 runs at all it says so, and the next make tries again', t => {
  const { status, stderr, has } = install(t, BROKEN, node(20))
  assert.equal(status, 1)
  assert.match(stderr, /the machine's own is v20\.1\.0: install Node\.js 24/)
  assert.equal(has('node_modules/.package-lock.json'), false)
})
