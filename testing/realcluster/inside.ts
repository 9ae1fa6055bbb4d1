/** Runs in a real cluster's namespaces, as `with-real-cluster.ts` starts it: starts the cluster, then a command that uses it, and ends as that does. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

import { environmentOf } from '../controlplane/environment.ts'
import { Progress } from '../progress.ts'
import { startRealCluster } from './cluster.ts'
import { keepLogs } from './keep-logs.ts'
import { readParts } from './cluster-parts.ts'

const [dir = '', ...command] = process.argv.slice(2)
const { env, stderr } = process

async function main(): Promise<number> {
  const parts = await readParts(dir)
  const report = (error: Error): void => void stderr.write(`${error.message}\n`)
  using progress = new Progress('Starting a cluster', { stream: stderr })
  let step = ''
  const onStep = (next: string): void => {
    step = next
    progress.detail(next)
  }
  let cluster
  try {
    cluster = await startRealCluster({ ...parts, dir, onStep, onFailure: report })
  } catch (error) {
    progress[Symbol.dispose]()
    report(error instanceof Error ? error : new Error(String(error)))
    stderr.write(`The cluster did not start: it is stuck at ${step}. Its logs are in ${await keepLogs(dir)}.\n`)
    return 1
  }
  progress.end('Kubernetes with a real kubelet and containerd is ready')
  const { controlPlane } = cluster
  const status = await run({ ...env, ...environmentOf(controlPlane), E2E_KUBECONFIG: controlPlane.kubeconfigPath })
  if (status !== 0) stderr.write(`The cluster's logs are in ${await keepLogs(dir, controlPlane)}.\n`)
  return status
}

function run(environment: NodeJS.ProcessEnv): Promise<number> {
  const [path = '', ...args] = command
  const child = spawn(path, args, { stdio: 'inherit', env: environment })
  return new Promise(resolve => {
    child.once('error', error => {
      stderr.write(`cannot run ${path}: ${error.message}\n`)
      resolve(127)
    })
    child.once('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)))
  })
}

// Everything else in here ends with this process.
process.exit(await main())
