/** Runs test files, each in a process of its own, and counts what they came to: `runFiles`. */
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/** What all runs came to. */
export interface Totals {
  tests: number
  pass: number
  fail: number
  cancelled: number
  skipped: number
  todo: number
  success: boolean
}

export interface RunLimits {
  /** Files at a time. */
  readonly concurrency: number
  /** For one file, milliseconds. */
  readonly timeout: number
}

export function noTotals(): Totals {
  return { tests: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0, success: true }
}

/** So that no file is waited for without end. */
const END_OF_TESTS = import.meta.resolve('./end-of-tests.ts')

/** Adds what the files came to. */
export async function runFiles(files: readonly string[], totals: Totals, limits: RunLimits): Promise<void> {
  const stream = run({ files: [...files], ...limits, execArgv: [...process.execArgv, '--import', END_OF_TESTS] })
  stream.on('test:summary', ({ counts, file, success }) => {
    if (file !== undefined) return
    totals.tests += counts.tests
    totals.pass += counts.passed
    totals.fail += counts.tests - counts.passed - counts.cancelled - counts.skipped - counts.todo
    totals.cancelled += counts.cancelled
    totals.skipped += counts.skipped
    totals.todo += counts.todo
    totals.success &&= success
  })
  for await (const text of stream.compose<NodeJS.ReadableStream>(new spec())) process.stdout.write(text)
}

export function report(totals: Totals, started: number): void {
  console.log('')
  for (const name of ['tests', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const) {
    console.log(`# ${name} ${totals[name]}`)
  }
  console.log(`# duration_s ${((Date.now() - started) / 1000).toFixed(1)}`)
}
