/** prep-volume, run by a real shell: a data volume gets its validator's files once, and keeps what is its own. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { PREP_VOLUME } from '../scripts.gen.ts'

let dir = ''

/** Of node 0 and node 1, below the published genesis. */
const FILES = {
  'config/genesis.json': () => '{"chain_id":"devnet-1"}\n',
  'config/node_key.json': (index: number) => `node key ${index}`,
  'config/priv_validator_key.json': (index: number) => `validator key ${index}`,
  'config/config.toml': () => 'mode = "full"\n',
  'data/priv_validator_state.json': () => '{"height":"0","round":0,"step":0}',
  'keyring-test/node_admin.info': (index: number) => `account ${index}`,
} as const
const STATE = 'data/priv_validator_state.json'
const LIVE_STATE = '{"height":"4711","round":0,"step":3}'

function write(path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
}

/** Of the data volume. */
const read = (path: string): string => readFileSync(join(dir, 'the volume', path), 'utf8')
const put = (path: string, text: string): void => write(`the volume/${path}`, text)
const remove = (path: string): void => rmSync(join(dir, 'the volume', path))

/** All files of the data volume with their texts. */
function contents(): Readonly<Record<string, string>> {
  const cwd = join(dir, 'the volume')
  const files = globSync('**', { cwd }).filter(path => statSync(join(cwd, path)).isFile())
  const marker = existsSync(join(cwd, '.prep-done')) ? ['.prep-done'] : []
  return Object.fromEntries([...files, ...marker].toSorted().map(path => [path, read(path)]))
}

function prep(index = 0): { readonly status: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync('/bin/sh', ['-c', PREP_VOLUME, 'prep-volume', String(index)], {
    encoding: 'utf8',
    env: {
      PATH: `${dir}/bin:/usr/bin:/bin`,
      GENESIS_DIR: join(dir, 'genesis volume'),
      SEI_HOME: join(dir, 'the volume'),
    },
  })
  return { status, stderr }
}

function assertPrepared(index = 0): void {
  for (const [path, text] of Object.entries(FILES)) assert.equal(read(path), text(index), path)
  assert.equal(read('.prep-done'), 'hash\n')
}

beforeEach(() => {
  // Spaces in the paths find every expansion that is not quoted.
  dir = mkdtempSync(join(tmpdir(), 'prep-volume-'))
  mkdirSync(join(dir, 'the volume'))
  for (const index of [0, 1]) {
    for (const [path, text] of Object.entries(FILES)) {
      write(`genesis volume/genesis/node${index}/${path}`, text(index))
    }
  }
  write('genesis volume/genesis/genesis.sha256', 'hash\n')
  write('genesis volume/genesis/.complete', '')
})

afterEach(() => {
  rmSync(dir, { recursive: true })
})

test('R2: an empty volume gets the files of its validator, and the marker', () => {
  assert.deepEqual(prep(1), { status: 0, stderr: '' })
  assertPrepared(1)
  assert.equal(Object.keys(contents()).length, Object.keys(FILES).length + 1)
})

test('only its own user can read the files that it writes', () => {
  prep()
  for (const path of Object.keys(contents()))
    assert.equal(statSync(join(dir, 'the volume', path)).mode & 0o077, 0, path)
})

test('R2: a prepared volume is not changed: a second run of the Job copies nothing', () => {
  prep()
  put(STATE, LIVE_STATE)
  put('config/config.toml', 'mode = "validator"\n')
  remove('keyring-test/node_admin.info')
  const before = contents()
  assert.deepEqual(prep(), { status: 0, stderr: '' })
  assert.deepEqual(contents(), before)
})

test('R2: signing state and configuration survive the loss of the marker', () => {
  prep()
  put(STATE, LIVE_STATE)
  put('data/blockstore.db', 'blocks')
  put('config/config.toml', 'mode = "validator"\n')
  remove('.prep-done')
  assert.equal(prep().status, 0)
  assert.equal(read(STATE), LIVE_STATE)
  assert.equal(read('config/config.toml'), 'mode = "validator"\n')
})

test('R2: a volume with chain data and no signing state is refused: it is unknown what was signed', () => {
  prep()
  put('data/blockstore.db', 'blocks')
  remove(STATE)
  remove('.prep-done')
  const { status, stderr } = prep()
  assert.equal(status, 65)
  assert.match(stderr, /chain's data but no data\/priv_validator_state\.json/)
  assert.equal(existsSync(join(dir, 'the volume', STATE)), false)
})

for (const marked of [true, false]) {
  test(`R2: another genesis is refused permanently, ${marked ? 'with' : 'without'} the marker`, () => {
    prep()
    put('config/genesis.json', '{"chain_id":"other"}\n')
    if (!marked) remove('.prep-done')
    const before = contents()
    const { status, stderr } = prep()
    assert.equal(status, 65)
    assert.match(stderr, /holds another genesis than the pool's/)
    assert.deepEqual(contents(), before)
  })
}

test('a volume with the marker and without its genesis is refused: its network is unknown', () => {
  prep()
  remove('config/genesis.json')
  assert.equal(prep().status, 65)
})

test('R2: the volume of another validator is refused: one key in two nodes signs twice', () => {
  prep(1)
  const { status, stderr } = prep(0)
  assert.equal(status, 65)
  assert.match(stderr, /the key of another validator than node 0/)
  assertPrepared(1)
})

test('a node that the genesis does not have is refused for good', () => {
  const { status, stderr } = prep(2)
  assert.equal(status, 65)
  assert.match(stderr, /has no node 2: it was made for fewer nodes/)
})

test('without a published genesis it fails with a retriable exit code', () => {
  rmSync(join(dir, 'genesis volume/genesis/.complete'))
  const { status, stderr } = prep()
  assert.equal(status, 1)
  assert.match(stderr, /no published genesis/)
  assert.deepEqual(contents(), {})
})

test('empty files, as after a loss of power, are filled', () => {
  for (const path of Object.keys(FILES)) put(path, '')
  assert.equal(prep().status, 0)
  assertPrepared()
})

// In front of the utilities that change the volume: each counts its calls, and one of them kills the container.
const UTILITY = (name: string): string => `#!/bin/sh
read -r count <"\${0%/*}/count"
read -r kill_at <"\${0%/*}/kill-at"
echo $((count + 1)) >"\${0%/*}/count"
[ "$count" != "$kill_at" ] || { [ ${name} != cp ] || printf half >"$2"; kill -KILL "$PPID"; exit 1; }
exec /usr/bin/env PATH=/usr/bin:/bin ${name} "$@"
`

test('R2: killed before any step or during any copy, and run again, it gives the same result', () => {
  for (const name of ['cp', 'mv', 'mkdir', 'sync']) {
    write(`bin/${name}`, UTILITY(name))
    chmodSync(join(dir, 'bin', name), 0o755)
  }
  let killed = 0
  for (let at = 0; ; at += 1, killed += 1) {
    rmSync(join(dir, 'the volume'), { recursive: true })
    mkdirSync(join(dir, 'the volume'))
    write('bin/kill-at', `${at}\n`)
    write('bin/count', '0\n')
    if (prep().status === 0) break
    assert.equal(existsSync(join(dir, 'the volume/.prep-done')), false)
    write('bin/kill-at', '-1\n')
    assert.deepEqual(prep(), { status: 0, stderr: '' })
    assertPrepared()
    assert.equal(Object.keys(contents()).length, Object.keys(FILES).length + 1)
  }
  assert.ok(killed > 2 * Object.keys(FILES).length, `it was killed ${killed} times`)
})
