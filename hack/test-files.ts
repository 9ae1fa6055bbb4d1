/** Runs test files, each in a process of its own, and counts what they came to: `runFiles`. */
import { resolve } from 'node:path'
import { type EventData, run } from 'node:test'
import { spec } from 'node:test/reporters'

interface Counts {
  tests: number
  pass: number
  fail: number
  cancelled: number
  skipped: number
  todo: number
}

/** What all runs came to. */
export interface Totals extends Counts {
  success: boolean
  /** Files that failed beside others and passed alone. */
  readonly flaky: string[]
}

export interface RunLimits {
  /** Files at a time. */
  readonly concurrency: number
  /** For one file, milliseconds. */
  readonly timeout: number
}

/** When more files fail, something is broken. */
const MOST_RERUNS = 3

export function noTotals(): Totals {
  return { ...countsOf(undefined), success: true, flaky: [] }
}

/**
 * Adds what the files came to. With RERUN_FAILED=1, a few files that failed run once more, alone. One that passes then counts
 * as passed, and the report names it.
 */
export async function runFiles(
  files: readonly string[],
  totals: Totals,
  limits: RunLimits,
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): Promise<void> {
  const { counts, failed, success } = await runOnce(files, limits)
  add(totals, counts, 1)
  if (success) return
  const isWorthRerun = failed.size > 0 && failed.size <= MOST_RERUNS && isAllOf(counts, failed)
  if (env['RERUN_FAILED'] !== '1' || !isWorthRerun) {
    totals.success = false
    return
  }
  for (const [file, found] of failed) {
    console.log(`\n${file} failed. It runs once more, alone:\n`)
    const alone = await runOnce([file], { ...limits, concurrency: 1 })
    totals.success &&= alone.success
    if (!alone.success) continue
    add(totals, found, -1)
    add(totals, alone.counts, 1)
    totals.flaky.push(file)
  }
}

export function report(totals: Totals, started: number): void {
  console.log('')
  for (const name of ['tests', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const) {
    console.log(`# ${name} ${totals[name]}`)
  }
  for (const file of totals.flaky) console.log(`# flaky: ${file} failed beside others and passed alone. Find out why`)
  console.log(`# duration_s ${((Date.now() - started) / 1000).toFixed(1)}`)
}

interface Outcome {
  readonly counts: Counts
  /** By file. */
  readonly failed: ReadonlyMap<string, Counts>
  readonly success: boolean
}

async function runOnce(files: readonly string[], limits: RunLimits): Promise<Outcome> {
  const stream = run({ files: [...files], ...limits })
  const paths = new Set(files.map(file => resolve(file)))
  const failed = new Map<string, Counts>()
  let outcome: Outcome = { counts: countsOf(undefined), failed, success: false }
  stream.on('test:fail', ({ file = '' }) => {
    // A file that ends before its first test has no summary, and counts as one test.
    if (paths.has(file) && !failed.has(file)) failed.set(file, { ...countsOf(undefined), tests: 1, fail: 1 })
  })
  stream.on('test:summary', ({ counts, file, success }) => {
    if (file === undefined) outcome = { counts: countsOf(counts), failed, success }
    else if (success) failed.delete(file)
    else failed.set(file, countsOf(counts))
  })
  for await (const text of stream.compose<NodeJS.ReadableStream>(new spec())) process.stdout.write(text)
  return outcome
}

/** Whether these files have all failures. */
function isAllOf({ fail, cancelled }: Counts, failed: ReadonlyMap<string, Counts>): boolean {
  return fail + cancelled === failed.values().reduce((sum, each) => sum + each.fail + each.cancelled, 0)
}

function countsOf(counts: EventData.TestSummary['counts'] | undefined): Counts {
  const { tests = 0, passed: pass = 0, cancelled = 0, skipped = 0, todo = 0 } = counts ?? {}
  return { tests, pass, fail: tests - pass - cancelled - skipped - todo, cancelled, skipped, todo }
}

function add(totals: Totals, counts: Counts, sign: 1 | -1): void {
  for (const name of ['tests', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const) {
    totals[name] += sign * counts[name]
  }
}
