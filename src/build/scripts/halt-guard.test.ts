/** halt-guard, run by a real shell with a fake seid: it reports the height of a volume, and starts seid below its height only. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { HALT_GUARD } from '../scripts.gen.ts'

/** Says what it was told to; notes its arguments where it is started. */
const SEID = `#!/bin/sh
if [ "$1" = start ]; then
  printf '%s\\n' "$@" >"$NOTES/started"
  exit 7
fi
[ "$*" = "tendermint reindex-event --home $HOME_OF_SEID --start-height 9223372036854775807" ] || exit 99
cat "$NOTES/said" >&2
exit 1
`

const BLOCKS =
  'Error: event re-index failed: : height is not available (requested start height: 9223372036854775807, store height: 186)\nUsage:\n'
const EMPTY = 'Error: event re-index failed: : no blockstore found in /sei/data\n'
const OTHER = 'Error: unknown command "reindex-event" for "seid"\n'

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

function run(said: string, ...args: readonly string[]) {
  writeFileSync(join(dir, 'said'), said)
  const log = join(dir, 'termination-log')
  const { status, stderr } = spawnSync('/bin/sh', ['-c', HALT_GUARD, 'halt-guard', ...args], {
    encoding: 'utf8',
    env: { PATH: `${dir}:/usr/bin:/bin`, NOTES: dir, HOME_OF_SEID: home, TERMINATION_LOG: log },
  })
  return { status, stderr, message: read(log), started: read(join(dir, 'started'))?.trimEnd().split('\n') }
}

for (const [said, message] of [
  [BLOCKS, 'height 186\n'],
  [EMPTY, 'height 0\n'],
  [OTHER, `height unknown\n${OTHER}`],
  ['', 'height unknown\n\n'],
] as const) {
  test(`it reports ${JSON.stringify(message)} where seid says ${JSON.stringify(said)}`, () => {
    const { status, stderr, message: found, started } = run(said, 'report', home)
    assert.deepEqual([status, stderr, started], [0, '', undefined])
    assert.equal(found?.trimEnd(), message.trimEnd())
  })
}

for (const [height, said, isStarted] of [
  ['187', BLOCKS, true],
  ['186', BLOCKS, false],
  ['1', BLOCKS, false],
  ['1', EMPTY, true],
  ['1', OTHER, true],
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
