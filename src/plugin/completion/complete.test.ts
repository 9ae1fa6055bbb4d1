/** What completion offers at each place of a command line, without a cluster. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildProgram } from '../program.ts'
import { candidates } from './complete.ts'

const connect = (): never => assert.fail('no cluster is needed')
const program = buildProgram(() => Promise.resolve())

const CASES: readonly (readonly [words: string, found: readonly string[]])[] = [
  ['st', ['status']],
  ['re', ['retry', 'resume', 'restart', 'report']],
  ['-n sei st', ['status']],
  ['status --w', ['--watch']],
  ['status -o ', ['json', 'yaml']],
  ['status -o j', ['json']],
  ['--color n', ['never']],
  ['--color=always st', ['status']],
  ['logs rpc-0 ', ['seid', 'sidecar', 'init', 'job']],
  ['logs rpc-0 -f j', ['job']],
  ['completion ', ['bash', 'zsh', 'fish', 'kubectl']],
  ['version x', []],
  ['-n ', []],
]

for (const [words, found] of CASES) {
  test(`kubectl sei ${words}`, async () => {
    assert.deepEqual(await candidates(program, words.split(' '), connect), found)
  })
}
