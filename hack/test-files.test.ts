/** How a process of tests ends: `runFiles`. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const FAILS = `
import { before, test } from 'node:test'
before(() => {
  setInterval(() => {}, 1000)
  throw new Error('nothing to connect to')
})
test('one', () => {})
`
const RUNNER = `
import { noTotals, report, runFiles } from ${JSON.stringify(import.meta.resolve('./test-files.ts'))}
const totals = noTotals()
await runFiles([process.argv[2]], totals, { concurrency: 1, timeout: 60_000 })
report(totals, Date.now())
`
const DEADLINE_MS = 60_000

test('a file whose before failed is reported with the reason, and ends although it holds something open', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sei-test-files-'))
  try {
    const [runner, file] = [join(dir, 'runner.mjs'), join(dir, 'fails.test.mjs')]
    writeFileSync(runner, RUNNER)
    writeFileSync(file, FAILS)
    // Tests that run tests would be skipped in it.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_TEST_')))
    env['TEST_LINGER_MS'] = '500'
    const options = { env, encoding: 'utf8', timeout: DEADLINE_MS } as const
    const { signal, stdout } = spawnSync(process.execPath, [runner, file], options)
    assert.deepEqual([signal, /^# fail (\d+)$/m.exec(stdout)?.[1]], [null, '1'], stdout)
    assert.match(stdout, /nothing to connect to/)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
