/** Runs the test suites: `node hack/run-tests.ts [unit|integration|monitoring|browser|cluster|e2e|all] [PATH...]`, the integration tests on a real control plane, the end-to-end tests on a real node, too. */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import { resolveBinaries } from '../testing/controlplane/binaries.ts'
import { startControlPlane } from '../testing/controlplane/cluster.ts'
import { USERS } from '../testing/controlplane/credentials.ts'
import { environmentOf } from '../testing/controlplane/environment.ts'
import { resolveHelm } from '../testing/helm.ts'
import { karpenterCrds } from '../testing/karpenter-crds.ts'
import { bundleOperator } from '../testing/operator-bundle.ts'
import { resolveBrowser, resolvePrometheus } from '../testing/realcluster/debian-packages.ts'
import { withRealCluster } from '../testing/realcluster/with-real-cluster.ts'
import { noTotals, report, runFiles, type Totals } from './test-files.ts'
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
    exclude: ['test/unit/**', 'test/e2e/**', 'test/monitoring/**', 'test/browser/**', 'node_modules/**'],
  },
  /** As integration, and with a real Prometheus, which apt-get brings; not part of `all`. */
  monitoring: {
    include: ['test/monitoring/**/*.test.ts'],
    exclude: [],
  },
  /** As integration, and with Chromium, which apt-get brings; not part of `all`. */
  browser: {
    include: ['test/browser/**/*.test.ts'],
    exclude: [],
  },
  /** On the cluster of E2E_KUBECONFIG, or one of their own with a real kubelet; not part of `all`. */
  cluster: {
    include: ['test/e2e/**/*.test.ts'],
    exclude: [],
  },
} as const
type Suite = keyof typeof SUITES

/** Suites by the word of the command line. */
const CHOICES: Readonly<Record<string, readonly Suite[]>> = {
  unit: ['unit'],
  integration: ['integration'],
  monitoring: ['monitoring'],
  browser: ['browser'],
  cluster: ['cluster'],
  e2e: ['monitoring', 'browser', 'cluster'],
  all: ['unit', 'integration'],
}

/** Most of a test process's time, and of an operator's that a test starts, goes into compiling the same sources again. */
const COMPILE_CACHE = join(import.meta.dirname, '../node_modules/.cache/node-compile-cache')

/** The operator that the tests start, as it ships: several hundred starts take a third of the time that the sources need. */
const OPERATOR_DIR = join(import.meta.dirname, '../node_modules/.cache/operator')

/** A test file that hangs fails after this long: several times what the longest takes on a machine with nothing else to do. */
const FILE_TIMEOUT_MS = 15 * 60_000
/** One that lives through a chain's life takes its time. */
const E2E_FILE_TIMEOUT_MS = 25 * 60_000

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

/** @param checkUnused whether a right that none of the files uses is one too many */
async function runIntegration(files: readonly string[], totals: Totals, checkUnused: boolean): Promise<void> {
  process.env['OPERATOR_PROGRAM'] = await bundleOperator(OPERATOR_DIR)
  // Before the tests, whose deadlines no build should use up.
  if (files.some(file => file.startsWith('test/helm/'))) process.env['HELM'] = await resolveHelm(process.env)
  if (files.includes('test/deploy/samples.test.ts')) await karpenterCrds(process.env)
  await using controlPlane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(controlPlane))
  await runFiles(files, totals, WAITING)
  const { refused, unused } = await readUsedRights(controlPlane.auditLogPath, USERS.operator.name)
  for (const request of refused) console.error(`the operator's role in config/rbac lacks a rule: ${request}`)
  totals.success &&= refused.length === 0
  if (!checkUnused) return
  for (const right of unused) console.error(`the operator's role in config/rbac allows what no test uses: ${right}`)
  totals.success &&= unused.length === 0
}

async function main(which: string, paths: readonly string[]): Promise<number> {
  const suites = CHOICES[which]
  if (suites === undefined) {
    console.error(`unknown suite ${which}: expected ${Object.keys(CHOICES).join(', ')}`)
    return 2
  }
  const chosen = suites.map(suite => ({ suite, files: filesOf(suite, paths) })).filter(({ files }) => files.length > 0)
  if (chosen.length === 0) {
    console.error(`no ${which === 'all' ? '' : `${which} `}test file matches ${paths.join(' ')}`)
    return 2
  }
  // Test processes inherit it.
  process.env['NODE_COMPILE_CACHE'] ??= COMPILE_CACHE
  const totals = noTotals()
  const started = Date.now()
  for (const { suite, files } of chosen) {
    switch (suite) {
      case 'unit':
        console.log(`Unit tests: ${files.length} files`)
        await runFiles(files, totals, ALL_CORES)
        break
      case 'integration':
        console.log(`Integration tests: ${files.length} files, on a control plane of their own`)
        await runIntegration(files, totals, paths.length === 0)
        break
      case 'monitoring':
        console.log(`Tests of alerts: ${files.length} files, with Prometheus, on a control plane of their own`)
        await resolvePrometheus(process.env, process.stderr)
        await runIntegration(files, totals, false)
        break
      case 'browser':
        console.log(`Tests in a browser: ${files.length} files, on a control plane of their own`)
        await resolveBrowser(process.env, process.stderr)
        await runIntegration(files, totals, false)
        break
      case 'cluster':
        if (!process.env['E2E_KUBECONFIG']) {
          if (totals.tests > 0) report(totals, started)
          // Comes back here, with a cluster, and reports what it finds itself.
          const command = [process.execPath, import.meta.filename, 'cluster', ...files]
          return Math.max(await withRealCluster(command, process.env, process.stderr), totals.success ? 0 : 1)
        }
        console.log(`End-to-end tests: ${files.length} files, on the cluster of ${process.env['E2E_KUBECONFIG']}`)
        await runFiles(files, totals, ONE_BY_ONE)
        break
    }
  }
  report(totals, started)
  return totals.success ? 0 : 1
}

const [which = 'all', ...paths] = process.argv.slice(2)
try {
  process.exitCode = await main(which, paths)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
