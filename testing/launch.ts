/** Starts programs of this repository as processes of their own, for tests, demo and benchmark: `launchOperator`, `launchFakeNode`, `launchConsole`. */
import { join } from 'node:path'
import type { ControlPlane } from './controlplane/cluster.ts'
import type { SupervisedProcess, Supervisor } from './controlplane/supervisor.ts'
import { ROOT } from './root.ts'

const OPERATOR = join(ROOT, 'src/cli/main.ts')
const FAKE_NODE = join(ROOT, 'testing/fakes/node/main.ts')
const PLUGIN = join(ROOT, 'src/plugin/main.ts')
const FAKE_NODE_DEADLINE_MS = 60_000
const CONSOLE_DEADLINE_MS = 60_000

/** Arguments of Node.js in the operator's image. */
export const OPERATOR_NODE_ARGS = ['--min-semi-space-size=8', '--max-semi-space-size=8']

export interface OperatorOptions {
  readonly supervisor: Supervisor
  readonly kubeconfig: string
  readonly logPath: string
  /** The bundle to run; the sources by default. */
  readonly program?: string | undefined
  /** Flags of `manager`. By default it has no leader election, no open port, and a log for people. */
  readonly args?: readonly string[]
  /** Of Node.js, before the program. */
  readonly nodeArgs?: readonly string[]
  readonly env?: NodeJS.ProcessEnv | undefined
}

/** Does not wait until the operator is ready. */
export function launchOperator(options: OperatorOptions): SupervisedProcess {
  const { supervisor, kubeconfig, logPath, program = OPERATOR, args = [], nodeArgs = [], env } = options
  return supervisor.spawn({
    name: 'operator',
    path: process.execPath,
    args: [
      ...OPERATOR_NODE_ARGS,
      ...nodeArgs,
      program,
      'manager',
      '--leader-elect=false',
      '--metrics-bind-address=0',
      '--metrics-secure=false',
      '--health-probe-bind-address=0',
      '--log-format=text',
      ...args,
    ],
    env: { ...ownEnvironment(), KUBECONFIG: kubeconfig, ...env },
    logPath,
  })
}

export interface FakeNodeOptions {
  readonly controlPlane: ControlPlane
  readonly supervisor: Supervisor
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv | undefined
}

/** Resolves when the cluster has Nodes and StorageClasses, and pods are run. The log is in the control plane's directory. */
export async function launchFakeNode(options: FakeNodeOptions): Promise<SupervisedProcess> {
  const { controlPlane, supervisor, args, env } = options
  const fakeNode = supervisor.spawn({
    name: 'fake node',
    path: process.execPath,
    args: [FAKE_NODE, `--kubeconfig=${controlPlane.kubeconfigFor('fake')}`, ...args],
    env: { ...ownEnvironment(), ...env },
    logPath: join(controlPlane.dir, 'fake-node.log'),
  })
  const isReady = async (): Promise<boolean> => fakeNode.logTail().includes('fake node ready')
  await fakeNode.untilReady(isReady, { deadlineMs: FAKE_NODE_DEADLINE_MS })
  return fakeNode
}

/** `kubectl sei console` of a namespace. Resolves with its address. The log is in the control plane's directory. */
export async function launchConsole(
  { supervisor, controlPlane }: Pick<FakeNodeOptions, 'supervisor' | 'controlPlane'>,
  namespace: string,
): Promise<string> {
  const shown = supervisor.spawn({
    name: 'console',
    path: process.execPath,
    args: [PLUGIN, 'console', '--namespace', namespace],
    env: { ...ownEnvironment(), KUBECONFIG: controlPlane.kubeconfigPath },
    logPath: join(controlPlane.dir, 'console.log'),
  })
  const address = (): string | undefined => /^http:\S+$/m.exec(shown.logTail())?.[0]
  await shown.untilReady(() => Promise.resolve(address() !== undefined), { deadlineMs: CONSOLE_DEADLINE_MS })
  return address() ?? ''
}

/** The environment of this process without settings of the operator (`SEI_...`), which a developer may have set. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SEI_')))
}
