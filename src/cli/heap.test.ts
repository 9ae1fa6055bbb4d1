/** That V8 heeds what is asked of it while it runs. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { test } from 'node:test'
import { fullCollection } from './heap.ts'

/** Keeps a window of young objects alive while it makes many more, and prints how large the space for them has become. */
const PROGRAM = `
import { getHeapSpaceStatistics } from 'node:v8'
import { keepHeapSmall } from './heap.ts'
if (process.argv[1] === 'small') keepHeapSmall()
const kept = []
for (let i = 0; i < 1_000_000; i++) {
  const object = { i, list: [i] }
  if (i % 10 === 0) kept[i % 20_000] = object
}
console.log(getHeapSpaceStatistics().find(space => space.space_name === 'new_space').space_size / 1e6)
`

async function newSpace(argument: string): Promise<number> {
  const args = ['--input-type=module', '--eval', PROGRAM, argument]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname })
  return Number(stdout)
}

test('the space for new objects stays as small as it is, where it would grow', async () => {
  const [usual, small] = await Promise.all([newSpace('usual'), newSpace('small')])
  assert.ok(usual > 8 && small < 4, `${usual} MB, and ${small} MB`)
})

test('a full collection frees unreferenced objects', async () => {
  const dropped = new WeakRef({})
  const collect = fullCollection()
  // A WeakRef keeps its target until the end of the job that made it.
  await new Promise(setImmediate)
  collect()
  assert.equal(dropped.deref(), undefined)
})
