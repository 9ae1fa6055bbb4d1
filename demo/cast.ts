/** The processes of the demo beside the control plane, and their logs: `startFakeNode`, `startOperator`, `keepLogs`. */
import { copyFile, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ControlPlane } from '../testing/controlplane/cluster.ts'
import { describeExit, type SupervisedProcess, type Supervisor } from '../testing/controlplane/supervisor.ts'

const FAKE_NODE_DEADLINE_MS = 30_000

/** seictl release that the fake sidecars of images without a version tag play: the newest that looks up EC2 peers the documented way. */
export const SIDECAR_RELEASE = 'v0.0.25'

/** How long the played tasks take, milliseconds: long enough to be seen. */
const TASK_MS = {
  'snapshot-restore': 3000,
  'configure-genesis': 1000,
  'config-apply': 500,
  'discover-peers': 1500,
  'configure-state-sync': 1000,
  'config-validate': 500,
  'mark-ready': 500,
} as const

export interface Cast {
  readonly controlPlane: ControlPlane
  readonly supervisor: Supervisor
  /** The repository. */
  readonly root: string
  readonly env: NodeJS.ProcessEnv
  /** A real seictl, which runs in every pod in the place of the fake one. */
  readonly seictl: string | undefined
}

/** Resolves when the cluster has Nodes and StorageClasses, and pods find somebody who runs them. */
export async function startFakeNode(cast: Cast): Promise<SupervisedProcess> {
  const tasks = Object.entries(TASK_MS).flatMap(([type, ms]) => ['--task', `${type}=${ms}`])
  const process = start(cast, 'fake', 'testing/fakes/node/main.ts', [
    `--kubeconfig=${cast.controlPlane.kubeconfigFor('fake')}`,
    `--profile=${SIDECAR_RELEASE}`,
    '--run-scripts',
    ...(cast.seictl === undefined ? [] : [`--seictl=${cast.seictl}`]),
    ...tasks,
  ])
  await process.untilReady(() => Promise.resolve(process.logTail().includes('fake node ready')), {
    deadlineMs: FAKE_NODE_DEADLINE_MS,
  })
  return process
}

/** The operator as a cluster would run it, but for leader election, metrics and a fixed port. */
export function startOperator(cast: Cast): SupervisedProcess {
  return start(cast, 'operator', 'src/cli/main.ts', [
    'manager',
    `--kubeconfig=${cast.controlPlane.kubeconfigFor('operator')}`,
    '--leader-elect=false',
    '--metrics-bind-address=0',
    '--health-probe-bind-address=127.0.0.1:0',
    '--log-format=text',
  ])
}

/** Rejects, with the end of its log, when the process ends. Nobody has to listen. */
export function ended(process: SupervisedProcess): Promise<never> {
  const end = process.exited.then(exit => {
    throw new Error(`the ${process.name} ${describeExit(exit)}; the end of its log:\n${process.logTail()}`)
  })
  end.catch(() => undefined)
  return end
}

/** Its log lies beside those of the control plane. */
function start(cast: Cast, name: string, script: string, args: readonly string[]): SupervisedProcess {
  const { controlPlane, supervisor, root, env } = cast
  // The developer's own platform settings must not change what the demo shows.
  const ownSettings = Object.entries(env).filter(([variable]) => variable.startsWith('SEI_'))
  const cleared = Object.fromEntries(ownSettings.map(([variable]) => [variable, undefined]))
  return supervisor.spawn({
    name,
    path: process.execPath,
    args: [script, ...args],
    cwd: root,
    env: { ...env, ...cleared },
    logPath: join(controlPlane.dir, `${name}.log`),
  })
}

/** Copies every log in `dir` to a new directory, and returns that: the clean-up removes `dir`. */
export async function keepLogs(dir: string): Promise<string> {
  const kept = await mkdtemp(join(tmpdir(), 'sei-demo-logs-'))
  const logs = (await readdir(dir)).filter(name => name.endsWith('.log') && !name.startsWith('audit'))
  await Promise.all(logs.map(name => copyFile(join(dir, name), join(kept, name))))
  return kept
}
