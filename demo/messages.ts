/** What the demo says at its beginning and its end: `introduction`, `outcome`, `whatToTry`, and of nodes that are not Running `stuckReport`. Pure. */
import type { SeiNode } from '../src/api/seinode.ts'
import type { SeiNodePool } from '../src/api/seinodepool.ts'
import type { Condition } from '../src/api/status.ts'
import { assertNever } from '../src/lib/assert-never.ts'
import { bootstrapMode } from '../src/plan/bootstrap.ts'
import type { ControlPlane } from '../testing/controlplane/cluster.ts'
import { quoted } from '../testing/shell.ts'
import { SIDECAR_RELEASE } from './fakes.ts'
import { poolProgress, taskProgress } from './nodes-view.ts'
import type { BootstrapResult } from './resources.ts'

const FAKES = `Fake:    machines, S3, EC2, seid, and the sidecars. These speak the protocol of the seictl release in
         their image tag, or of ${SIDECAR_RELEASE} if the image has none.`

/** @param seictl the program that SEICTL names */
export function introduction(once: boolean, seictl: string | undefined): string {
  const end = once ? 'when all nodes are Running' : 'when you press Ctrl-C'
  return `Sei operator demo: a real Kubernetes API server, the operator, eight Sei nodes, and a pool that
creates a network of four more, from manifest to Running.

Takes about 25 seconds. The first run also builds or downloads Kubernetes' programs, which takes minutes.
Real:    etcd, API server, controller manager, scheduler, and the operator.
${seictl === undefined ? FAKES : `         The sidecars are ${seictl}, whatever the manifests say.\nFake:    machines, S3, EC2, peers and seid.`} No Docker, no cloud.
Everything runs on this machine, and is removed ${end}.

`
}

/** @param elapsedMs since the demo began */
export function outcome({ kind, nodes, pools }: BootstrapResult, elapsedMs: number): string {
  const seconds = (elapsedMs / 1000).toFixed(1)
  switch (kind) {
    case 'all-running':
      return `\nAll ${nodes.length} nodes are Running, ${seconds} s after the start.\n`
    case 'some-failed':
      return `\nA bootstrap failed. ${stuckReport(nodes, pools)}\n`
    case 'deadline':
      return `\nGave up after ${seconds} s. ${stuckReport(nodes, pools)}\n`
    default:
      return assertNever(kind)
  }
}

export function whatToTry(controlPlane: ControlPlane, operatorLog: string): string {
  const { dir, kubeconfigPath, kubectlPath } = controlPlane
  return `
Look around in another terminal:

  export KUBECONFIG=${quoted(kubeconfigPath)} KUBECACHEDIR=${quoted(`${dir}/kubectl-cache`)}
  alias kubectl=${quoted(quoted(kubectlPath))}

  kubectl get seinodes --output=wide
  kubectl describe seinode mainnet-0
  kubectl events --for seinode/mainnet-0
  kubectl get seinode mainnet-0 --output=jsonpath-as-json={.status.initPlan}
  kubectl explain seinode.spec.snapshot
  kubectl describe seinodepool devnet
  kubectl delete statefulset pacific-1-seed      # the operator creates it again
  kubectl delete seinode arctic-1-full           # the operator removes its objects
  tail -f ${quoted(operatorLog)}

Ctrl-C here stops and removes everything.
`
}

/** The status of these conditions on a healthy node or pool; the report has every other condition. */
const HEALTHY: Readonly<Record<string, Condition['status']>> = {
  Ready: 'True',
  SpecValid: 'True',
  Initialized: 'True',
  GenesisComplete: 'True',
  NodesPrepared: 'True',
  NodesReady: 'True',
  SidecarReady: 'True',
  RuntimeTasksHealthy: 'True',
  Reconciling: 'False',
  Stalled: 'False',
  Paused: 'False',
}

/**
 * One line that counts the nodes, then a block for each, those of the pools last: phase, task, the task's error, and the
 * unhealthy conditions.
 */
export function stuckReport(nodes: readonly Readonly<SeiNode>[], pools: readonly Readonly<SeiNodePool>[] = []): string {
  const stuck = nodes.filter(node => node.status?.phase !== 'Running')
  return [
    `${stuck.length} of ${nodes.length} nodes ${stuck.length === 1 ? 'is' : 'are'} not Running:`,
    ...stuck.map(describe),
    ...pools.filter(({ status }) => !status || unhealthy(status.conditions ?? []).length > 0).map(describePool),
  ].join('\n\n')
}

function describe({ metadata, spec, status }: Readonly<SeiNode>): string {
  const head = `  ${metadata.name} (${bootstrapMode(spec)})`
  if (!status?.phase) return `${head} has no status: the operator has not seen it`
  const plan = status.initPlan
  const step = plan ? `, at task ${taskProgress(plan)}` : ', no bootstrap plan yet'
  const conditions = unhealthy(status.conditions ?? [])
  // A condition has the error of most failed tasks, with the remedy.
  const errors = plan?.tasks.flatMap(task => task.error ?? []) ?? []
  const others = errors.filter(error => !conditions.some(({ message }) => message.includes(error)))
  return [
    `${head} is ${status.phase}${step}`,
    ...others.map(error => `    error: ${error}`),
    ...conditionLines(conditions),
  ].join('\n')
}

function describePool({ metadata, status }: Readonly<SeiNodePool>): string {
  const head = `  ${metadata.name} (Pool)`
  if (!status?.phase) return `${head} has no status: the operator has not seen it`
  return [
    `${head} is ${status.phase}, at step ${poolProgress(status.conditions)}`,
    ...conditionLines(unhealthy(status.conditions ?? [])),
  ].join('\n')
}

function conditionLines(conditions: readonly Condition[]): readonly string[] {
  return conditions.map(({ type, status, reason, message }) => `    ${type}=${status} ${reason}: ${message}`)
}

/** Without Ready, which summarizes the others, unless there is no other. */
function unhealthy(conditions: readonly Condition[]): readonly Condition[] {
  const found = conditions.filter(({ type, status }) => status !== HEALTHY[type])
  const causes = found.filter(({ type }) => type !== 'Ready')
  return causes.length > 0 ? causes : found
}
