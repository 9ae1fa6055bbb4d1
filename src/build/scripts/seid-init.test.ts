/** seid-init, run by a real shell with a fake seid: it makes a home of an empty volume and leaves any other alone. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { SEID_INIT } from '../scripts.gen.ts'

/** Notes its arguments, one a line, and writes a genesis file as `seid init` does. */
const SEID = `#!/bin/sh
printf '%s\\n' "$@" > "$SEI_HOME/called"
[ ! -e "$SEI_HOME/broken" ] || exit 3
mkdir -p "$SEI_HOME/config"
echo made-by-seid > "$SEI_HOME/config/genesis.json"
`

let dir = ''
let home = ''

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seid-init-'))
  // A space in the path finds every expansion that is not quoted.
  home = join(dir, 'the volume')
  mkdirSync(join(home, 'config'), { recursive: true })
  writeFileSync(join(dir, 'seid'), SEID)
  chmodSync(join(dir, 'seid'), 0o755)
})

afterEach(() => {
  rmSync(dir, { recursive: true })
})

interface Run {
  readonly status: number | null
  readonly stderr: string
  /** What seid was called with; undefined where it was not. */
  readonly seid: readonly string[] | undefined
}

function run(...args: readonly string[]): Run {
  const { status, stderr } = spawnSync('/bin/sh', ['-c', SEID_INIT, 'seid-init', ...args], {
    encoding: 'utf8',
    env: { PATH: `${dir}:/usr/bin:/bin`, SEI_HOME: home },
  })
  const called = join(home, 'called')
  const seid = existsSync(called) ? readFileSync(called, 'utf8').trimEnd().split('\n') : undefined
  return { status, stderr, seid }
}

const genesis = (): string => readFileSync(join(home, 'config/genesis.json'), 'utf8')

test('an empty volume is initialised with the chain and the name of the node', () => {
  const { status, seid } = run('pacific-1', 'mainnet-0', 'init')
  assert.equal(status, 0)
  assert.deepEqual(seid, ['init', 'mainnet-0', '--chain-id', 'pacific-1', '--home', home, '--overwrite'])
})

test('a volume that holds a genesis file is not changed', () => {
  writeFileSync(join(home, 'config/genesis.json'), 'kept')
  const { status, seid } = run('pacific-1', 'mainnet-0', 'init')
  assert.equal(status, 0)
  assert.equal(seid, undefined)
  assert.equal(genesis(), 'kept')
})

test('a prepared volume is used as it is', () => {
  writeFileSync(join(home, 'config/genesis.json'), 'prepared')
  assert.equal(run('devnet', 'devnet-0', 'fail').status, 0)
  assert.equal(genesis(), 'prepared')
})

test('a volume that should have been prepared and is empty is an error that says so, not a new identity', () => {
  const { status, stderr, seid } = run('devnet', 'devnet-0', 'fail')
  assert.equal(status, 1)
  assert.match(stderr, /no config\/genesis\.json .* spec\.genesis\.pvc/)
  assert.equal(seid, undefined)
})

test('an interrupted run is continued: an empty genesis file counts as none', () => {
  writeFileSync(join(home, 'config/genesis.json'), '')
  assert.equal(run('pacific-1', 'n', 'init').status, 0)
  assert.equal(genesis(), 'made-by-seid\n')
})

test('a failure of seid init fails the container, and the next start retries it', () => {
  writeFileSync(join(home, 'broken'), '')
  assert.equal(run('pacific-1', 'n', 'init').status, 3)
  rmSync(join(home, 'broken'))
  assert.equal(run('pacific-1', 'n', 'init').status, 0)
})

test('every start recreates the scratch directory, so that leftovers do not fill the volume', () => {
  mkdirSync(join(home, 'tmp'))
  writeFileSync(join(home, 'tmp/part-of-a-snapshot'), 'x')
  writeFileSync(join(home, 'config/genesis.json'), 'kept')
  run('pacific-1', 'n', 'init')
  assert.equal(existsSync(join(home, 'tmp')), true)
  assert.equal(existsSync(join(home, 'tmp/part-of-a-snapshot')), false)
})

for (const text of ['$(touch "$SEI_HOME/pwned")', '`touch "$SEI_HOME/pwned"`', '"; touch "$SEI_HOME/pwned"; "', '*']) {
  test(`failure mode 34: an argument is never run as a program: ${text}`, () => {
    const { status, seid } = run(text, text, 'init')
    assert.equal(status, 0)
    assert.deepEqual(seid, ['init', text, '--chain-id', text, '--home', home, '--overwrite'])
    assert.equal(existsSync(join(home, 'pwned')), false)
  })
}

test('without the volume it stops before it touches anything', () => {
  const { status } = spawnSync('/bin/sh', ['-c', SEID_INIT, 'seid-init', 'c', 'm', 'init'], { env: { PATH: dir } })
  assert.notEqual(status, 0)
})

test('Kubernetes passes the script unchanged: it contains neither $$ nor $(NAME)', () => {
  assert.doesNotMatch(SEID_INIT, /\$\$|\$\([A-Za-z_]/)
})
