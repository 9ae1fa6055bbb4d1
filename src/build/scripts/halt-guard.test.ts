/** halt-guard, run by a real shell with a fake seid: it reports the height of a volume, and starts seid below its height only. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { HALT_GUARD } from '../scripts.gen.ts'

/** Says what it was told to, or dies with exit code 137; notes its arguments where it is started. */
const SEID = `#!/bin/sh
if [ "$1" = start ]; then
  printf '%s\\n' "$@" >"$NOTES/started"
  exit 7
fi
[ "$*" = "tendermint reindex-event --home $HOME_OF_SEID --start-height 9223372036854775807" ] || exit 99
cat "$NOTES/said" >&2
[ -s "$NOTES/said" ] && exit 1
exit 137
`

const BLOCKS =
  'Error: event re-index failed: : height is not available (requested start height: 9223372036854775807, store height: 186)\nUsage:\n'
const EMPTY = 'Error: event re-index failed: : no blockstore found in /sei/data\n'
const OTHER = 'Error: unknown command "reindex-event" for "seid"\n'
/** Of a command that has subcommands, and not this one. */
const OTHER_FLAG = 'Error: unknown flag: --start-height\nUsage:\n'
const LOCKED =
  'Error: event re-index failed: : resource temporarily unavailable\nUsage:\n  seid tendermint reindex-event [flags]\n'
const BROKEN = 'panic: read /sei/data/blockstore.db/CURRENT: input/output error\n\ngoroutine 1 [running]:\n'

let dir = ''
let home = ''

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halt-guard-'))
  home = join(dir, 'the volume')
  writeFileSync(join(dir, 'seid'), SEID)
  chmodSync(join(dir, 'seid'), 0o755)
})

afterEach(() => {
  rmSync(dir, { recursive: true })
})

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function env(): NodeJS.ProcessEnv {
  return { PATH: `${dir}:/usr/bin:/bin`, NOTES: dir, HOME_OF_SEID: home, TERMINATION_LOG: join(dir, 'termination-log') }
}

/** @param said undefined: the image has no seid */
function spawnGuard(said: string | undefined, ...args: readonly string[]) {
  if (said === undefined) rmSync(join(dir, 'seid'))
  writeFileSync(join(dir, 'said'), said ?? '')
  return spawnSync('/bin/sh', ['-c', HALT_GUARD, 'halt-guard', ...args], { encoding: 'utf8', env: env() })
}

function run(said: string | undefined, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnGuard(said, ...args)
  const message = read(join(dir, 'termination-log'))
  return { status, stdout, stderr, message, started: read(join(dir, 'started'))?.trimEnd().split('\n') }
}

for (const [said, message] of [
  [BLOCKS, 'height 186\n'],
  [EMPTY, 'height 0\n'],
  [OTHER, `height unknown\n${OTHER}`],
  [OTHER_FLAG, `height unknown\n${OTHER_FLAG}`],
  [LOCKED, `height unreadable\n${LOCKED}`],
  [BROKEN, `height unreadable\n${BROKEN}`],
  ['', 'height unreadable\n\n'],
] as const) {
  test(`it reports ${JSON.stringify(message)} where seid says ${JSON.stringify(said)}`, () => {
    const { status, stderr, message: found, started } = run(said, 'report', home)
    assert.deepEqual([status, stderr, started], [0, '', undefined])
    assert.equal(found?.trimEnd(), message.trimEnd())
  })
}

test('it reports an unknown height where the image has no seid', () => {
  const { status, message } = run(undefined, 'report', home)
  assert.equal(status, 0)
  assert.match(message ?? '', /^height unknown\n.*seid: not found/)
})

for (const [height, said, isStarted] of [
  ['187', BLOCKS, true],
  ['186', BLOCKS, false],
  ['1', BLOCKS, false],
  ['1', EMPTY, true],
  ['1', OTHER, true],
  ['1', OTHER_FLAG, true],
] as const) {
  test(`with haltHeight ${height}, seid is ${isStarted ? '' : 'not '}started after ${JSON.stringify(said)}`, () => {
    const { status, message, started } = run(said, 'run', home, height, 'seid', 'start', '--home', 'a b')
    if (isStarted) {
      assert.deepEqual([status, started], [7, ['start', '--home', 'a b']])
      assert.equal(message, undefined)
    } else {
      assert.deepEqual([status, started], [0, undefined])
      assert.equal(message, 'halted 186\n')
    }
  })
}

test('another program than seid is started where the image has no seid', () => {
  const { status, stdout, message } = run(undefined, 'run', home, '1', '/bin/echo', 'a b')
  assert.deepEqual([status, stdout, message], [0, 'a b\n', undefined])
})

for (const [said, reason] of [
  [LOCKED, '1: event re-index failed: : resource temporarily unavailable'],
  [BROKEN, '1: panic: read /sei/data/blockstore.db/CURRENT: input/output error'],
  ['', '137: '],
] as const) {
  test(`seid is not started where its height cannot be read, and the next start tries again: ${JSON.stringify(said)}`, () => {
    const { status, stdout, message, started } = run(said, 'run', home, '1000', 'seid', 'start')
    assert.deepEqual([status, started], [1, undefined])
    assert.equal(stdout.trimEnd(), said.trimEnd())
    assert.equal(
      message,
      `seid is not started: the height of its volume cannot be read and may be at spec.haltHeight. To start seid all the same, remove spec.haltHeight. seid tendermint reindex-event ended with exit code ${reason}\n`,
    )
    assert.equal(run(BLOCKS, 'run', home, '1000', 'seid', 'start').status, 7)
  })
}

test('a guard that cannot write why seid is not started fails, and not as a seid that panics', () => {
  mkdirSync(join(dir, 'termination-log'))
  for (const said of [BLOCKS, LOCKED]) {
    const { status } = spawnGuard(said, 'run', home, '1', 'seid', 'start')
    assert.deepEqual([status, read(join(dir, 'started'))], [1, undefined])
  }
})

test('a pod that is deleted while the height is read does not start seid', () => {
  writeFileSync(join(dir, 'seid'), SEID.replace('cat ', 'kill -TERM "$PPID"; cat '))
  const { status, started } = run(BLOCKS, 'run', home, '1000', 'seid', 'start')
  assert.deepEqual([status, started], [143, undefined])
})
