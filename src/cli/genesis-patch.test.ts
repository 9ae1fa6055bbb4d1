/** Tests of genesis-patch.ts: what it does to the genesis volume, and how the program ends. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { genesisText } from '../build/genesis/testdata/genesis.ts'
import { MAX_PARAMS_SIZE } from '../api/limits.ts'
import { buildGenesisJob } from '../build/pool/genesis-job.ts'
import { platform } from '../build/testdata/platform.ts'
import { seiNodePool } from '../build/testdata/pools.ts'
import { genesisPatch } from './genesis-patch.ts'

let dir = ''

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'genesis-patch-'))
  mkdirSync(join(dir, '.work'))
  writeFileSync(join(dir, '.work/genesis.json'), genesisText())
})

afterEach(() => {
  rmSync(dir, { recursive: true })
})

const read = (path: string): string => readFileSync(join(dir, path), 'utf8')

test('the genesis file is patched in place, for its owner alone, with its hash beside it', () => {
  const { exitCode, message } = genesisPatch({ dir, params: ['{"app_state.gov.voting_params.voting_period":"30s"}'] })
  const text = read('.work/genesis.json')
  const hash = createHash('sha256').update(text).digest('hex')
  assert.deepEqual([exitCode, message], [0, `${dir}/.work/genesis.json patched, SHA-256 ${hash}`])
  assert.match(text, /"voting_period": "30s"/)
  assert.equal(read('.work/genesis.sha256'), `${hash}\n`)
  assert.deepEqual(readdirSync(join(dir, '.work')), ['genesis.json', 'genesis.sha256'])
  assert.equal(statSync(join(dir, '.work/genesis.json')).mode & 0o777, 0o600)
})

test('a second run ends the same', () => {
  genesisPatch({ dir, params: ['{}'] })
  const first = [read('.work/genesis.json'), read('.work/genesis.sha256')]
  assert.equal(genesisPatch({ dir, params: ['{}'] }).exitCode, 0)
  assert.deepEqual([read('.work/genesis.json'), read('.work/genesis.sha256')], first)
})

test('a published genesis is not changed, whatever the parameters', () => {
  mkdirSync(join(dir, 'genesis'))
  writeFileSync(join(dir, 'genesis/.complete'), '')
  const { exitCode, message } = genesisPatch({ dir, params: ['{"nothing":1}'] })
  assert.equal(exitCode, 0)
  assert.match(message, /is published: nothing to do/)
  assert.equal(read('.work/genesis.json'), genesisText())
})

for (const [params, message] of [
  ['{"nothing":1}', /spec\.genesis\.params: nothing is not in genesis\.json/],
  ['{', /--params: expected a JSON object of numbers and texts, found \{, which is no JSON/],
  ['[]', /found \[\]/],
  ['null', /found null/],
  ['{"a":true}', /found true at a/],
] as const) {
  test(`no retry helps: ${params}`, () => {
    const outcome = genesisPatch({ dir, params: [params] })
    assert.equal(outcome.exitCode, 65)
    assert.match(outcome.message, message)
    assert.equal(read('.work/genesis.json'), genesisText())
  })
}

test('a retry may help where the genesis file is not there or is half a file', () => {
  writeFileSync(join(dir, '.work/genesis.json'), genesisText().slice(0, 100))
  assert.equal(genesisPatch({ dir, params: ['{}'] }).exitCode, 1)
  rmSync(join(dir, '.work/genesis.json'))
  const { exitCode, message } = genesisPatch({ dir, params: ['{}'] })
  assert.equal(exitCode, 1)
  assert.match(message, /does not exist: the ceremony comes first/)
})

function run(...args: readonly string[]) {
  const main = join(import.meta.dirname, 'main.ts')
  return spawnSync(process.execPath, [main, 'genesis', 'patch', ...args], { encoding: 'utf8' })
}

test('the program ends with the same status, and says why on standard error', () => {
  const refused = run('--dir', dir, '--params', '{"nothing":1}')
  assert.equal(refused.status, 65)
  assert.match(refused.stderr, /^sei-k8s-controller: spec\.genesis\.params: nothing is not in genesis\.json/)
  const done = run('--dir', dir, '--params', '{}')
  assert.deepEqual([done.status, done.stderr], [0, ''])
  const wrong = run('--dir', dir)
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /required option '--params <json>' not specified/)
})

test('the largest allowed parameters of a pool reach the program, in arguments that Linux accepts', () => {
  // What JSON makes longest: each character is six of its own.
  const value = '\u0001'.repeat(8192 - 256)
  const paths = Array.from({ length: MAX_PARAMS_SIZE / 8192 }, (_, i) => `app_state.${'p'.repeat(240)}${10 + i}`)
  const genesis = JSON.parse(genesisText())
  for (const path of paths) genesis.app_state[path.slice('app_state.'.length)] = ''
  writeFileSync(join(dir, '.work/genesis.json'), JSON.stringify(genesis))
  const params = Object.fromEntries(paths.map(path => [path, value]))
  const job = buildGenesisJob(seiNodePool('big', { genesis: { params } }), platform, 'uid')
  assert.ok(Buffer.byteLength(JSON.stringify(job)) < 1_200_000, 'the Job fits the API server')
  const step = job.spec?.template.spec?.initContainers?.find(({ name }) => name === 'patch-genesis')
  const args = (step?.args ?? []).slice(2).map(arg => (arg === '/genesis' ? dir : arg.replaceAll('$$', '$')))
  assert.ok(args.filter(arg => arg === '--params').length > 1)
  for (const arg of args) assert.ok(Buffer.byteLength(arg) < 131_072, `${Buffer.byteLength(arg)} bytes`)
  const done = run(...args)
  assert.deepEqual([done.status, done.stderr], [0, ''])
  const patched = JSON.parse(read('.work/genesis.json'))
  for (const path of paths) assert.equal(patched.app_state[path.slice('app_state.'.length)], value)
})
