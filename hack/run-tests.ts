/** Runs the test suites: `node hack/run-tests.ts [unit|integration|e2e|all] [PATH...]`, the integration tests on a real control plane, the end-to-end tests on a real node, too. */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

import { resolveBinaries } from '../testing/controlplane/binaries.ts'
import { startControlPlane } from '../testing/controlplane/cluster.ts'
import { USERS } from '../testing/controlplane/credentials.ts'
import { environmentOf } from '../testing/controlplane/environment.ts'
import { bundleOperator } from '../testing/operator-bundle.ts'
import { withRealCluster } from '../testing/realcluster/with-real-cluster.ts'
import { readUsedRights } from './used-rights.ts'

const SUITES = {
  /** No control plane, no network but the loopback address. */
  unit: {
    include: ['src/**/*.test.ts', '{testing,demo,bench}/**/*.test.ts', 'hack/**/*.test.ts', 'test/unit/**/*.test.ts'],
    exclude: ['**/*.integration.test.ts'],
  },
  /** Against the real API server. */
  integration: {
    include: ['test/**/*.test.ts', '**/*.integration.test.ts'],
    exclude: ['test/unit/**', 'test/e2e/**', 'node_modules/**'],
  },
  /** On the cluster of E2E_KUBECONFIG, or one of their own with a real kubelet; not part of `all`. */
  e2e: {
    include: ['test/e2e/**/*.test.ts'],
    exclude: [],
  },
} as const
type Suite = keyof typeof SUITES

/** Most of a test process's time, and of an operator's that a test starts, goes into compiling the same sources again. */
const COMPILE_CACHE = join(import.meta.dirname, '../node_modules/.cache/node-compile-cache')

/** The operator that the tests start, as it ships: several hundred starts take a third of the time that the sources need. */
const OPERATOR_DIR = join(import.meta.dirname, '../node_modules/.cache/operator')

/** A test file that hangs fails after this long: several times what the longest takes on a machine with nothing else to do. */
const FILE_TIMEOUT_MS = 15 * 60_000
/** One that lives through a chain's life takes its time. */
const E2E_FILE_TIMEOUT_MS = 25 * 60_000

interface Totals {
  tests: number
  pass: number
  fail: number
  cancelled: number
  skipped: number
  todo: number
  success: boolean
}

function filesOf(suite: Suite, paths: readonly string[]): string[] {
  const { include, exclude } = SUITES[suite]
  const files = globSync(include, { exclude: [...exclude] })
  return [...new Set(files)].filter(file => paths.length === 0 || paths.some(path => file.startsWith(path))).toSorted()
}

const ALL_CORES = { concurrency: availableParallelism(), timeout: FILE_TIMEOUT_MS }
/** Most of the time of an integration test is the waiting for other processes. */
const WAITING = { ...ALL_CORES, concurrency: 2 * ALL_CORES.concurrency }
/** They share a cluster and its few cores with chains that have to make blocks. */
const ONE_BY_ONE = { concurrency: 1, timeout: E2E_FILE_TIMEOUT_MS }

/** Runs the files, each in a process of its own. */
async function runFiles(files: readonly string[], totals: Totals, options = ALL_CORES): Promise<void> {
  const stream = run({ files: [...files], ...options })
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

/** @param isWhole all there are, so that a right which none of them uses is one too many */
async function runIntegration(files: readonly string[], totals: Totals, isWhole: boolean): Promise<void> {
  process.env['OPERATOR_PROGRAM'] = await bundleOperator(OPERATOR_DIR)
  await using controlPlane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(controlPlane))
  await runFiles(files, totals, WAITING)
  const { refused, unused } = await readUsedRights(controlPlane.auditLogPath, USERS.operator.name)
  for (const request of refused) console.error(`the operator's role in config/rbac lacks a rule: ${request}`)
  totals.success &&= refused.length === 0
  if (!isWhole) return
  for (const right of unused) console.error(`the operator's role in config/rbac allows what no test uses: ${right}`)
  totals.success &&= unused.length === 0
}

async function main(which: string, paths: readonly string[]): Promise<number> {
  if (which !== 'unit' && which !== 'integration' && which !== 'e2e' && which !== 'all') {
    console.error(`unknown suite ${which}: expected unit, integration, e2e or all`)
    return 2
  }
  const unit = which === 'unit' || which === 'all' ? filesOf('unit', paths) : []
  const integration = which === 'integration' || which === 'all' ? filesOf('integration', paths) : []
  const e2e = which === 'e2e' ? filesOf('e2e', paths) : []
  if (unit.length + integration.length + e2e.length === 0) {
    console.error(`no ${which === 'all' ? '' : `${which} `}test file matches ${paths.join(' ')}`)
    return 2
  }
  // Test processes inherit it.
  process.env['NODE_COMPILE_CACHE'] ??= COMPILE_CACHE
  if (e2e.length > 0 && !process.env['E2E_KUBECONFIG']) {
    // Comes back here, with a cluster.
    return withRealCluster([process.execPath, ...process.argv.slice(1)], process.env, process.stderr)
  }
  const totals: Totals = { tests: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0, success: true }
  const started = Date.now()
  if (unit.length > 0) {
    console.log(`Unit tests: ${unit.length} files`)
    await runFiles(unit, totals)
  }
  if (integration.length > 0) {
    console.log(`Integration tests: ${integration.length} files, on a control plane of their own`)
    await runIntegration(integration, totals, paths.length === 0)
  }
  if (e2e.length > 0) {
    console.log(`End-to-end tests: ${e2e.length} files, on the cluster of ${process.env['E2E_KUBECONFIG']}`)
    await runFiles(e2e, totals, ONE_BY_ONE)
  }
  console.log('')
  const { success, ...counts } = totals
  for (const [name, count] of Object.entries(counts)) console.log(`# ${name} ${count}`)
  console.log(`# duration_s ${((Date.now() - started) / 1000).toFixed(1)}`)
  return success ? 0 : 1
}

const [which = 'all', ...paths] = process.argv.slice(2)
try {
  process.exitCode = await main(which, paths)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
