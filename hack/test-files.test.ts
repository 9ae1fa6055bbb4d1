/** What a run of test files comes to, and when a file runs once more. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

let dir: string

/** Sources of test files. `once` fails in its first run. */
const SOURCES = {
  passes: "test('a', () => {}); test('b', () => {})",
  fails: "test('a', () => {}); test('b', () => { throw new Error('no') })",
  once: "test('a', () => {}); test('b', () => { if (runs === 1) throw new Error('no') })",
  todo: "test('a', () => {}); test('b', { todo: true }, () => { throw new Error('not yet') })",
  ends: "if (runs === 1) throw new Error('before its first test'); test('a', () => {})",
} as const

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'test-files-'))
})
after(() => rm(dir, { recursive: true }))

/** Runs the files in a process of its own, which is no test itself. */
async function outcomeOf(names: readonly (keyof typeof SOURCES)[], env: NodeJS.ProcessEnv): Promise<unknown> {
  const files = await Promise.all(
    names.map(async (name, index) => {
      const file = join(dir, `${name}-${index}.test.mjs`)
      const runs = `import { test } from 'node:test'; import { appendFileSync, readFileSync } from 'node:fs'
        appendFileSync('${file}.runs', '.'); const runs = readFileSync('${file}.runs', 'utf8').length`
      await writeFile(file, `${runs}\n${SOURCES[name]}`)
      await rm(`${file}.runs`, { force: true })
      return file
    }),
  )
  const out = join(dir, 'out.json')
  const script = `import { noTotals, runFiles } from ${JSON.stringify(join(import.meta.dirname, 'test-files.ts'))}
    import { writeFileSync } from 'node:fs'
    const totals = noTotals()
    await runFiles(${JSON.stringify(files)}, totals, { concurrency: 2, timeout: 60_000 })
    writeFileSync(${JSON.stringify(out)}, JSON.stringify(totals))`
  await writeFile(join(dir, 'run.mjs'), script)
  const { NODE_TEST_CONTEXT: _, ...own } = process.env
  const ended = spawnSync(process.execPath, [join(dir, 'run.mjs')], { env: { ...own, ...env } })
  assert.equal(ended.status, 0, String(ended.stderr))
  const { tests, pass, fail, success, flaky } = JSON.parse(await readFile(out, 'utf8'))
  return { tests, pass, fail, success, flaky: flaky.map((file: string) => file.replace(`${dir}/`, '')) }
}

const RERUN = { RERUN_FAILED: '1' }

for (const [what, names, env, expected] of [
  ['all pass', ['passes', 'passes'], RERUN, { tests: 4, pass: 4, fail: 0, success: true, flaky: [] }],
  ['a failure', ['passes', 'once'], { RERUN_FAILED: '' }, { tests: 4, pass: 3, fail: 1, success: false, flaky: [] }],
  [
    'a failure that does not come again',
    ['passes', 'once'],
    RERUN,
    { tests: 4, pass: 4, fail: 0, success: true, flaky: ['once-1.test.mjs'] },
  ],
  [
    'a file that ends before its first test, once',
    ['passes', 'ends'],
    RERUN,
    { tests: 3, pass: 3, fail: 0, success: true, flaky: ['ends-1.test.mjs'] },
  ],
  [
    'a failure that comes again, beside one that does not',
    ['fails', 'once'],
    RERUN,
    { tests: 4, pass: 3, fail: 1, success: false, flaky: ['once-1.test.mjs'] },
  ],
  [
    'a failure of a test that is marked todo',
    ['passes', 'todo'],
    RERUN,
    { tests: 4, pass: 3, fail: 0, success: true, flaky: [] },
  ],
  [
    'such a failure beside one that does not come again',
    ['todo', 'once'],
    RERUN,
    { tests: 4, pass: 3, fail: 0, success: true, flaky: ['once-1.test.mjs'] },
  ],
  [
    'too many failures',
    ['once', 'once', 'once', 'once'],
    RERUN,
    { tests: 8, pass: 4, fail: 4, success: false, flaky: [] },
  ],
] as const) {
  test(what, async () => assert.deepEqual(await outcomeOf(names, env), expected))
}
