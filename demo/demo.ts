/** The demo from an empty machine to Running nodes: `runDemo`. Reads as a table of contents. */
import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { loadClusterConfig } from '../src/kube/config.ts'
import { createKubeClient } from '../src/kube/http-client.ts'
import { createLogger } from '../src/runtime/log.ts'
import { resolveBinaries } from '../testing/controlplane/binaries.ts'
import { type ControlPlane, startControlPlane } from '../testing/controlplane/cluster.ts'
import { Supervisor } from '../testing/controlplane/supervisor.ts'
import { leaseAddresses } from '../testing/fakes/node/addresses.ts'
import { Progress } from '../testing/progress.ts'
import { ended, keepLogs, startFakeNode, startOperator } from './cast.ts'
import { applyNodes, installKinds, MANIFESTS, showResult } from './install.ts'
import { nodesView, type Screen } from './nodes-view.ts'
import { playSurroundings } from './surroundings.ts'
import { introduction, lookAround, outcome } from './texts.ts'
import { watchBootstrap } from './watch-bootstrap.ts'

const NAMESPACE = 'default'
const BOOTSTRAP_DEADLINE_MS = 120_000
const STOP_GRACE_MS = 3000

export interface DemoOptions {
  readonly screen: Screen
  readonly env: NodeJS.ProcessEnv
  /** The repository. */
  readonly root: string
  /** Nobody will look around afterwards. */
  readonly once: boolean
  /** Receives what has to be stopped in the end. */
  readonly stage: AsyncDisposableStack
  /** Aborted when the stage is about to be cleared: what fails from then on fails for that reason. */
  readonly interruption: AbortSignal
}

export interface Performance {
  readonly allRunning: boolean
  /** Rejects when a process of the demo ends by itself. */
  readonly died: Promise<never>
}

/** Rejects, the logs kept, when something stands in the way of judging the nodes at all. */
export async function runDemo(options: DemoOptions): Promise<Performance> {
  const { screen, env, once, stage } = options
  const started = Date.now()
  const seictl = env['SEICTL'] === '' ? undefined : env['SEICTL']
  screen.write(introduction(once, seictl))
  // Where pods can have no addresses (macOS, until some are added), say so before minutes of building.
  await (await leaseAddresses()).close()
  const binaries = await resolveBinaries(env, screen)
  const controlPlane = stage.use(await step('Starting the control plane', screen, startControlPlane({ binaries })))
  try {
    return await perform(options, controlPlane, started, seictl)
  } catch (error) {
    if (options.interruption.aborted) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message}\n\nThe logs are kept in ${await keepLogs(controlPlane.dir)}`, { cause: error })
  }
}

async function perform(
  options: DemoOptions,
  controlPlane: ControlPlane,
  started: number,
  seictl: string | undefined,
): Promise<Performance> {
  const { screen, root, once, stage } = options
  const surroundings = seictl === undefined ? undefined : await playSurroundings(stage)
  const env = { ...options.env, ...surroundings?.env }
  const supervisor = stage.adopt(new Supervisor(), each => each.stop(STOP_GRACE_MS))
  const cast = { controlPlane, supervisor, root, env, seictl }

  const stageSet = Promise.all([startFakeNode(cast), installKinds(cast)])
  const [fake] = await step('Installing the CRDs, starting the fake node', screen, stageSet)
  const fakeEnded = ended(fake)
  const manifests = await surroundings?.withPeers(join(root, MANIFESTS), controlPlane.dir)
  await Promise.race([applyNodes(cast, screen, manifests), fakeEnded])
  const operator = startOperator(cast)
  screen.write(`\nThe operator runs as process ${operator.pid}; its log is ${operator.logPath}\n\n`)

  const died = Promise.race([ended(operator), fakeEnded])
  const result = await Promise.race([watch(options, controlPlane, started), died])
  screen.write(outcome(result, Date.now() - started))
  const allRunning = result.kind === 'all-running'
  if (allRunning) await showResult(cast, screen)
  if (!once) screen.write(lookAround(controlPlane, operator.logPath))
  else if (!allRunning) screen.write(`\nThe logs are kept in ${await keepLogs(controlPlane.dir)}\n`)
  return { allRunning, died }
}

async function watch({ screen, env, stage }: DemoOptions, { dir, kubeconfigPath }: ControlPlane, started: number) {
  const client = createKubeClient(await loadClusterConfig({ kubeconfig: kubeconfigPath, env }), { userAgent: 'demo' })
  // Kept open: after Ctrl-C there are still lines to write when its directory is gone.
  const file = openSync(join(dir, 'demo.log'), 'a')
  const log = createLogger({ level: 'warn', format: 'text', destination: { write: line => writeSync(file, line) } })
  // Left to the stage, so that the cursor comes back after Ctrl-C too.
  const view = stage.use(nodesView({ screen, env, now: Date.now, started }))
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
