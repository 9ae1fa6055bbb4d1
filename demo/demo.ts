/** The demo from an empty machine to Running nodes: `runDemo`. */
import { openSync, writeSync } from 'node:fs'
import { copyFile, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { loadClusterConfig } from '../src/kube/config.ts'
import { createKubeClient } from '../src/kube/http-client.ts'
import { createLogger } from '../src/runtime/log.ts'
import { resolveBinaries } from '../testing/controlplane/binaries.ts'
import { type ControlPlane, startControlPlane } from '../testing/controlplane/cluster.ts'
import { environmentOf } from '../testing/controlplane/environment.ts'
import { describeExit, type SupervisedProcess, Supervisor } from '../testing/controlplane/supervisor.ts'
import { leaseAddresses } from '../testing/fakes/node/addresses.ts'
import { launchConsole, launchOperator } from '../testing/launch.ts'
import { Progress } from '../testing/progress.ts'
import { ROOT } from '../testing/root.ts'
import { NODE_POOL, startFakeServices, startMachines } from './fakes.ts'
import { introduction, outcome, whatToTry } from './messages.ts'
import { nodesView, type Screen } from './nodes-view.ts'
import { applyNodes, type BootstrapResult, installKinds, MANIFESTS, showResult, watchBootstrap } from './resources.ts'

const NAMESPACE = 'default'
const BOOTSTRAP_DEADLINE_MS = 120_000
const STOP_GRACE_MS = 3000

export interface DemoOptions {
  readonly screen: Screen
  readonly env: NodeJS.ProcessEnv
  /** The cluster is not needed once all nodes are Running. */
  readonly once: boolean
  /** Receives what has to be stopped in the end. */
  readonly cleanup: AsyncDisposableStack
  /** Aborted before the cleanup: errors after it are a consequence. */
  readonly interruption: AbortSignal
}

export interface DemoResult {
  readonly allRunning: boolean
  /** Rejects when a process of the demo ends by itself. */
  readonly died: Promise<never>
}

/** Rejects, with the logs kept, if an error prevents the demo from following the nodes. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { screen, env, once, cleanup } = options
  const started = Date.now()
  const seictl = env['SEICTL'] === '' ? undefined : env['SEICTL']
  screen.write(introduction(once, seictl))
  // Where pods can have no addresses (macOS, until some are added), say so before minutes of building.
  await (await leaseAddresses()).close()
  const binaries = await resolveBinaries(env, screen)
  const controlPlane = cleanup.use(await step('Starting the control plane', screen, startControlPlane({ binaries })))
  try {
    return await runOn(controlPlane, options, started, seictl)
  } catch (error) {
    if (options.interruption.aborted) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message}\n\nThe logs are kept in ${await keepLogs(controlPlane.dir)}`, { cause: error })
  }
}

async function runOn(
  controlPlane: ControlPlane,
  options: DemoOptions,
  started: number,
  seictl: string | undefined,
): Promise<DemoResult> {
  const { screen, once, cleanup } = options
  const services = seictl === undefined ? undefined : await startFakeServices(cleanup)
  const supervisor = cleanup.adopt(new Supervisor(), each => each.stop(STOP_GRACE_MS))
  const kubectlEnv = { ...options.env, ...environmentOf(controlPlane) }

  const prepared = Promise.all([
    startMachines({ controlPlane, supervisor, env: services?.env, seictl }),
    installKinds(kubectlEnv),
    services?.withPeers(join(ROOT, MANIFESTS), controlPlane.dir),
  ])
  const [machines, , manifests] = await step('Installing the CRDs, starting the fake node', screen, prepared)
  const machinesEnded = ended(machines)
  await Promise.race([applyNodes(kubectlEnv, screen, manifests), machinesEnded])
  const operator = launchOperator({
    supervisor,
    kubeconfig: controlPlane.kubeconfigFor('operator'),
    logPath: join(controlPlane.dir, 'operator.log'),
    env: { ...services?.env, SEI_NODEPOOL_NAME: NODE_POOL },
  })
  screen.write(`\nThe operator runs as process ${operator.pid}; its log is ${operator.logPath}\n`)
  if (!once) screen.write(`Watch in the browser: ${await launchConsole({ supervisor, controlPlane }, NAMESPACE)}\n`)
  screen.write('\n')

  const died = Promise.race([ended(operator), machinesEnded])
  const result = await Promise.race([watch(options, controlPlane, started), died])
  screen.write(outcome(result, Date.now() - started))
  const allRunning = result.kind === 'all-running'
  if (allRunning) await showResult(kubectlEnv, screen)
  if (!once) screen.write(whatToTry(controlPlane, operator.logPath))
  else if (!allRunning) screen.write(`\nThe logs are kept in ${await keepLogs(controlPlane.dir)}\n`)
  return { allRunning, died }
}

async function watch(
  { screen, env, cleanup }: DemoOptions,
  { dir, kubeconfigPath }: ControlPlane,
  started: number,
): Promise<BootstrapResult> {
  const client = createKubeClient(await loadClusterConfig({ kubeconfig: kubeconfigPath, env }), { userAgent: 'demo' })
  // Kept open: after Ctrl-C there are still lines to write when its directory is gone.
  const file = openSync(join(dir, 'demo.log'), 'a')
  const log = createLogger({ level: 'warn', format: 'text', destination: { write: line => writeSync(file, line) } })
  // In the cleanup, so that the cursor comes back after Ctrl-C too.
  const view = cleanup.use(nodesView({ screen, env, now: Date.now, started }))
  try {
    return await watchBootstrap({ client, namespace: NAMESPACE, view, log, deadlineMs: BOOTSTRAP_DEADLINE_MS })
  } finally {
    view[Symbol.dispose]()
    client.close()
  }
}

async function step<T>(title: string, screen: Screen, work: Promise<T>): Promise<T> {
  using progress = new Progress(title, { stream: screen })
  const result = await work
  progress.end('ready')
  return result
}

/** Rejects, with the end of its log, when the process ends. It need not be awaited. */
function ended(process: SupervisedProcess): Promise<never> {
  const end = process.exited.then(exit => {
    throw new Error(`the ${process.name} ${describeExit(exit)}; the end of its log:\n${process.logTail()}`)
  })
  end.catch(() => undefined)
  return end
}

/** Copies every log in `dir` to a new directory, and returns that: the clean-up removes `dir`. */
async function keepLogs(dir: string): Promise<string> {
  const kept = await mkdtemp(join(tmpdir(), 'sei-demo-logs-'))
  const logs = (await readdir(dir)).filter(name => name.endsWith('.log') && !name.startsWith('audit'))
  await Promise.all(logs.map(name => copyFile(join(dir, name), join(kept, name))))
  return kept
}
