/** What seictl wants from its environment before it serves, and the fake as a process of its own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { createFakeSidecar, MemoryHome, PROFILES, profileOf } from '../../testing/fakes/sidecar/index.ts'
import { send } from './http.ts'
import { VARIABLES } from './subject.ts'

for (const tag of PROFILES) {
  const needed = profileOf(tag).requiredEnvironment
  test(`${tag}: starts only with ${needed.length === 0 ? 'nothing' : needed.join(', ')}`, () => {
    for (const name of needed) {
      const { [name]: _left, ...rest } = VARIABLES
      const start = (): unknown => createFakeSidecar({ profile: tag, home: new MemoryHome(), env: rest })
      assert.throws(start, { message: `required environment variable ${name} is not set` })
    }
    createFakeSidecar({ profile: tag, home: new MemoryHome(), env: needed.length === 0 ? {} : VARIABLES })
  })
}

test('an unknown authentication mode stops v0.0.50, and older releases do not read it', () => {
  const env = { ...VARIABLES, SEI_SIDECAR_AUTHN_MODE: 'trusted_header' }
  const start = (profile: string): unknown => createFakeSidecar({ profile, home: new MemoryHome(), env })
  assert.throws(() => start('v0.0.50'), /SEI_SIDECAR_AUTHN_MODE="trusted_header" is not recognized/)
  start('v0.0.40')
})

test('a release without a profile is refused by name', () => {
  for (const tag of ['v0.0.15', 'v0.0.71', 'v1.0.0', '']) {
    assert.throws(() => profileOf(tag), new RegExp(`seictl ${tag} has no profile: expected v0\\.0\\.16 to v0\\.0\\.70`))
  }
})

const MAIN = join(import.meta.dirname, '../../testing/fakes/sidecar/main.ts')

test('as a process it exits 1 with the name of the missing variable', async t => {
  const home = await mkdtemp(join(tmpdir(), 'fake-'))
  t.after(() => rm(home, { recursive: true }))
  const child = spawn(process.execPath, [MAIN, 'serve', '--profile', 'v0.0.27', '--home', home, '--port', '0'], {
    env: {},
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [code] = await once(child, 'close')
  assert.equal(code, 1)
  assert.equal(errors, 'required environment variable SEI_CHAIN_ID is not set\n')
})

test('as a process it serves a real directory and ends on SIGTERM', async t => {
  const home = await mkdtemp(join(tmpdir(), 'fake-'))
  t.after(() => rm(home, { recursive: true }))
  const env = { ...VARIABLES, SEI_HOME: home, SEI_SIDECAR_PORT: '0' }
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line]: Buffer[] = await once(child.stdout, 'data')
  const port = Number(/:(\d+)\n$/.exec(line?.toString() ?? '')?.[1])
  const answer = await send({ host: '127.0.0.1', port }, { path: '/v0/status' })
  assert.deepEqual(answer.json, { status: 'Initializing' })
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
})
