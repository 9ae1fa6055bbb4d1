/** validator-init, run by a real shell with the fake seid: keys of Secrets are put in place, and none is ever replaced. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
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
import { join } from 'node:path'
import { after, test } from 'node:test'
import { installFakeSeid } from '../../testing/fakes/seid/fake-seid.ts'
import { VALIDATOR_INIT } from '../../src/build/scripts.gen.ts'
import { parseKeyReport } from '../../src/plan/key-report.ts'

const KEY = 'config/priv_validator_key.json'
const NODE_KEY = 'config/node_key.json'
const STATE = 'data/priv_validator_state.json'
const GENESIS = 'config/genesis.json'

const root = mkdtempSync(join(tmpdir(), 'validator-init-'))
const bin = join(root, 'bin')
installFakeSeid(bin)
after(() => rmSync(root, { recursive: true }))

interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly message: string
}

class Volume {
  readonly dir = mkdtempSync(join(root, 'case-'))
  // A space in the path finds every expansion that is not quoted.
  readonly home = join(this.dir, 'the volume')
  readonly signing = join(this.dir, 'signing')
  readonly node = join(this.dir, 'node')

  constructor() {
    for (const dir of [this.home, this.signing, this.node]) mkdirSync(dir)
  }

  write(path: string, text: string): this {
    mkdirSync(join(this.home, path, '..'), { recursive: true })
    writeFileSync(join(this.home, path), text)
    return this
  }

  read(path: string): string {
    return readFileSync(join(this.home, path), 'utf8')
  }

  /** As the kubelet mounts a Secret. */
  secret(file: 'priv_validator_key.json' | 'priv_validator_state.json' | 'node_key.json', text: string): this {
    writeFileSync(join(file === 'node_key.json' ? this.node : this.signing, file), text)
    return this
  }

  run({ secrets = ['', ''], onEmpty = 'init', seid = bin }: Partial<Options> = {}): Run {
    const report = join(this.dir, 'report')
    writeFileSync(report, '')
    const args = ['-c', VALIDATOR_INIT, 'validator-init', 'pacific-1', 'val-0', onEmpty, ...secrets]
    const { status, stdout, stderr } = spawnSync('/bin/sh', args, {
      encoding: 'utf8',
      env: {
        PATH: `${seid}:/usr/bin:/bin`,
        HOME: this.dir,
        SEI_HOME: this.home,
        SIGNING_KEY_DIR: this.signing,
        NODE_KEY_DIR: this.node,
        TERMINATION_LOG: report,
      },
    })
    return { status, stdout, stderr, message: readFileSync(report, 'utf8') }
  }
}

interface Options {
  readonly secrets: readonly [signing: string, node: string]
  readonly onEmpty: 'init' | 'fail'
  readonly seid: string
}

const SIGNING: Partial<Options> = { secrets: ['val-key', ''] }

/** A home that seid made: the source of keys. */
function identity(): { readonly key: string; readonly nodeKey: string; readonly address: string } {
  const made = new Volume()
  const { address } = reported(made.run())
  return { key: made.read(KEY), nodeKey: made.read(NODE_KEY), address }
}

function reported({ status, message, stderr }: Run): { readonly address: string; readonly height: bigint | undefined } {
  assert.equal(status, 0, stderr)
  const report = parseKeyReport(message)
  assert.ok(report, message)
  return report
}

function state(height: string, round = 0, step = 3): string {
  // Of several lines, as seid writes it.
  return `{\n  "height": "${height}",\n  "round": ${round},\n  "step": ${step}\n}`
}

const A = identity()
const B = identity()
const SAME_KEY = ` ${A.key}\n`

test('an empty volume is initialised, and its new key is reported', () => {
  const volume = new Volume()
  const { height } = reported(volume.run())
  assert.equal(height, 0n)
  assert.ok(existsSync(join(volume.home, GENESIS)))
  assert.notEqual(A.address, B.address)
})

test('the key of a Secret is on the volume before seid init, which keeps it', () => {
  const volume = new Volume().secret('priv_validator_key.json', A.key)
  assert.deepEqual(reported(volume.run(SIGNING)), { address: A.address, height: 0n })
  assert.equal(volume.read(KEY), A.key)
  assert.ok(existsSync(join(volume.home, GENESIS)))
})

test('every later start finds the same key, and reports how far its state is', () => {
  const volume = new Volume().secret('priv_validator_key.json', A.key)
  reported(volume.run(SIGNING))
  volume.write(STATE, state('4711'))
  assert.deepEqual(reported(volume.run(SIGNING)), { address: A.address, height: 4711n })
  assert.equal(volume.read(STATE), state('4711'))
})

test('the same key in another format is the same key', () => {
  const volume = new Volume().write(KEY, A.key).write(STATE, state('7')).write(GENESIS, '{}')
  volume.secret('priv_validator_key.json', SAME_KEY)
  assert.deepEqual(reported(volume.run(SIGNING)), { address: A.address, height: 7n })
  assert.equal(volume.read(KEY), A.key)
})

test('a volume with another key is refused, and nothing on it is changed', () => {
  const volume = new Volume().write(KEY, B.key).write(STATE, state('7')).write(GENESIS, '{}')
  volume.secret('priv_validator_key.json', A.key).secret('priv_validator_state.json', state('9'))
  const { status, message } = volume.run(SIGNING)
  assert.equal(status, 65)
  assert.equal(
    message,
    `the data volume has another priv_validator_key.json (${B.address}) than Secret val-key (${A.address}), and a key on a volume is never replaced\n`,
  )
  assert.equal(volume.read(KEY), B.key)
  assert.equal(volume.read(STATE), state('7'))
})

test('a Secret that is missing is refused before seid init makes a key', () => {
  const volume = new Volume()
  const { status, message, stderr } = volume.run(SIGNING)
  assert.equal(status, 65)
  assert.equal(message, 'Secret val-key does not exist, or has no key priv_validator_key.json\n')
  assert.equal(stderr, message)
  assert.equal(existsSync(join(volume.home, 'config')), false)
})

for (const text of ['{', 'null', '{"address":"00"}', 'secret words', ' ']) {
  test(`a malformed key is refused, and is not repeated: ${text}`, () => {
    const volume = new Volume().secret('priv_validator_key.json', text)
    const run = volume.run(SIGNING)
    assert.equal(run.status, 65)
    assert.equal(run.message, 'priv_validator_key.json in Secret val-key is not a key that seid can read\n')
    assert.equal(existsSync(join(volume.home, KEY)), false)
  })
}

test('a key is in no log, no message and no file but the one for it, readable by its owner alone', () => {
  const volume = new Volume().secret('priv_validator_key.json', A.key).secret('node_key.json', A.nodeKey)
  const { stdout, stderr, message } = volume.run({ secrets: ['val-key', 'val-node'] })
  for (const file of [A.key, A.nodeKey]) {
    const secret = /"PrivKeyEd25519","value":"([^"]+)"|PrivKeyEd25519","value":"([^"]+)"/.exec(file)
    const value = secret?.[1] ?? secret?.[2] ?? ''
    assert.ok(value.length > 40)
    for (const text of [stdout, stderr, message]) assert.ok(!text.includes(value))
    const holders = globSync('**', { cwd: volume.home, withFileTypes: false }).filter(
      path => statSync(join(volume.home, path)).isFile() && volume.read(path).includes(value),
    )
    assert.equal(holders.length, 1, String(holders))
    assert.equal(statSync(join(volume.home, holders[0] ?? '')).mode & 0o077, 0)
  }
})

for (const [before, supplied, result] of [
  [undefined, '100', '100'],
  ['', '100', '100'],
  ['0', '100', '100'],
  ['99', '100', '100'],
  ['100', '100', '100'],
  ['101', '100', '101'],
  ['9223372036854775806', '9', '9223372036854775806'],
] as const) {
  test(`a supplied state never replaces a later one: ${before ?? 'none'}, ${supplied}`, () => {
    const volume = new Volume().write(KEY, A.key).write(GENESIS, '{}')
    if (before !== undefined) volume.write(STATE, before === '' ? '' : state(before))
    volume.secret('priv_validator_key.json', A.key).secret('priv_validator_state.json', state(supplied))
    assert.deepEqual(reported(volume.run(SIGNING)), { address: A.address, height: BigInt(result) })
  })
}

for (const [before, supplied, isTaken] of [
  [state('100', 0, 2), state('100', 0, 3), true],
  [state('100', 0, 3), state('100', 1, 1), true],
  [state('100', 9, 3), state('100', 10, 1), true],
  [state('100', 1, 1), state('100', 0, 3), false],
  [state('100', 0, 3), state('100', 0, 2), false],
  [state('101', 0, 1), state('100', 5, 3), false],
  [state('100', 5, 3), state('101', 0, 1), true],
  [state('100', 0, 3), ` ${state('100', 0, 3)}`, false],
] as const) {
  test(`of two states the later one by height, round and step is used: ${before}, ${supplied}`, () => {
    const volume = new Volume().write(KEY, A.key).write(GENESIS, '{}').write(STATE, before)
    volume.secret('priv_validator_key.json', A.key).secret('priv_validator_state.json', supplied)
    reported(volume.run(SIGNING))
    assert.equal(volume.read(STATE), isTaken ? supplied : before)
  })
}

test('on an empty volume the supplied state is there before the key', () => {
  const volume = new Volume().secret('priv_validator_key.json', A.key).secret('priv_validator_state.json', state('55'))
  assert.deepEqual(reported(volume.run(SIGNING)), { address: A.address, height: 55n })
})

test('an invalid state is refused, whosever it is', () => {
  const supplied = new Volume().secret('priv_validator_key.json', A.key).secret('priv_validator_state.json', 'none')
  const refused = supplied.run(SIGNING)
  assert.equal(refused.status, 66)
  assert.match(refused.message, /^priv_validator_state\.json in Secret val-key has no height\n$/)
  assert.equal(existsSync(join(supplied.home, KEY)), false)
  const volume = new Volume().write(KEY, A.key).write(GENESIS, '{}').write(STATE, '{"round":0}')
  volume.secret('priv_validator_key.json', A.key).secret('priv_validator_state.json', state('9'))
  for (const options of [{}, SIGNING]) {
    const { status, message } = volume.run(options)
    assert.equal(status, 66)
    assert.match(
      message,
      /^data\/priv_validator_state\.json on the data volume has no height: what the validator signed/,
    )
  }
})

test('a signing state that is missing beside its key is not recreated, and its absence is reported', () => {
  const volume = new Volume().write(KEY, A.key).write(GENESIS, '{}').secret('priv_validator_key.json', A.key)
  assert.deepEqual(reported(volume.run(SIGNING)), { address: A.address, height: undefined })
  assert.equal(existsSync(join(volume.home, STATE)), false)
})

test('a prepared volume needs no Secret, and one that names it has to have the same key', () => {
  const volume = new Volume().write(KEY, A.key).write(GENESIS, '{}').write(STATE, state('0'))
  assert.deepEqual(reported(volume.run({ onEmpty: 'fail' })), { address: A.address, height: 0n })
  volume.secret('priv_validator_key.json', A.key)
  assert.equal(reported(volume.run({ ...SIGNING, onEmpty: 'fail' })).address, A.address)
  volume.secret('priv_validator_key.json', B.key)
  assert.equal(volume.run({ ...SIGNING, onEmpty: 'fail' }).status, 65)
})

test('a volume that should have been prepared and is empty gets no key', () => {
  const volume = new Volume().secret('priv_validator_key.json', A.key)
  const { status, stderr } = volume.run({ ...SIGNING, onEmpty: 'fail' })
  assert.equal(status, 1)
  assert.match(stderr, /spec\.genesis\.pvc/)
  assert.equal(existsSync(join(volume.home, KEY)), false)
})

test('a home without a key gets one before seid makes it, and keeps its state', () => {
  const volume = new Volume().write(GENESIS, '{}').write(STATE, state('0'))
  const { address, height } = reported(volume.run())
  assert.equal(height, 0n)
  assert.equal(volume.read(STATE), state('0'))
  assert.equal(reported(volume.run()).address, address)
})

for (const key of [undefined, '']) {
  const lost = key === undefined ? 'missing' : 'empty'
  const damaged = (text: string): Volume => {
    const volume = new Volume().write(GENESIS, '{}').write(STATE, text)
    return key === undefined ? volume : volume.write(KEY, key)
  }

  test(`no key is made in the place of one that signed and is ${lost}`, () => {
    const volume = damaged(state('3'))
    const { status, message } = volume.run()
    assert.equal(status, 65)
    assert.match(message, /^no config\/priv_validator_key\.json on the data volume, where .* signed up to height 3\n$/)
    assert.equal(existsSync(join(volume.home, KEY)), key !== undefined)
    assert.equal(damaged('{"round":0}').run().status, 66)
    // The one that a Secret supplies is put there, beside the state.
    volume.secret('priv_validator_key.json', A.key)
    assert.deepEqual(reported(volume.run(SIGNING)), { address: A.address, height: 3n })
  })

  test(`no key is made on a prepared volume on which it is ${lost}`, () => {
    const { status, message } = damaged(state('0')).run({ onEmpty: 'fail' })
    assert.equal(status, 65)
    assert.match(
      message,
      /^no config\/priv_validator_key\.json on the data volume, which should have come with its keys/,
    )
  })
}

test('the node key of a Secret is put in place, and never over another', () => {
  const volume = new Volume().secret('node_key.json', A.nodeKey)
  reported(volume.run({ secrets: ['', 'val-node'] }))
  assert.equal(volume.read(NODE_KEY), A.nodeKey)
  volume.secret('node_key.json', B.nodeKey)
  const { status, message } = volume.run({ secrets: ['', 'val-node'] })
  assert.equal(status, 65)
  assert.match(
    message,
    /^the data volume has another node_key\.json \([0-9a-f]{40}\) than Secret val-node \([0-9a-f]{40}\)/,
  )
  assert.equal(volume.read(NODE_KEY), A.nodeKey)
})

test('nothing is placed where one of two Secrets is wrong', () => {
  const volume = new Volume().secret('priv_validator_key.json', A.key).secret('node_key.json', '{}')
  assert.equal(volume.run({ secrets: ['val-key', 'val-node'] }).status, 65)
  assert.equal(existsSync(join(volume.home, KEY)), false)
})

test('a start that is killed at any point is continued by the next: the key is never on the volume without its state', () => {
  const dir = join(root, 'dying')
  cpSync(bin, dir, { recursive: true })
  // The nth file that is moved into place is the last thing that happens.
  for (let moves = 1; moves <= 2; moves += 1) {
    writeFileSync(
      join(dir, 'mv'),
      `#!/bin/sh\nn=$(($(cat "${dir}/n") - 1)); echo $n >"${dir}/n"\n[ $n -gt 0 ] || kill -9 $PPID\n[ $n -ge 0 ] && /bin/mv "$@"\n`,
      { mode: 0o755 },
    )
    writeFileSync(join(dir, 'n'), String(moves))
    const volume = new Volume().secret('priv_validator_key.json', A.key).secret('priv_validator_state.json', state('8'))
    assert.notEqual(volume.run({ ...SIGNING, seid: dir }).status, 0)
    if (existsSync(join(volume.home, KEY))) assert.equal(volume.read(STATE), state('8'))
    assert.deepEqual(reported(volume.run(SIGNING)), { address: A.address, height: 8n })
  }
})
