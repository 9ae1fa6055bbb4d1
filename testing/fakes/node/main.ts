/** The fake node as a process of its own, for the demo and the benchmark: `node testing/fakes/node/main.ts --kubeconfig FILE`. */
import { Command, InvalidArgumentError } from 'commander'
import { loadClusterConfig } from '../../../src/kube/config.ts'
import { createKubeClient } from '../../../src/kube/http-client.ts'
import { createLogger } from '../../../src/runtime/log.ts'
import { startFakeNode } from './index.ts'

interface Flags {
  readonly kubeconfig: string
  readonly seiNodes: number
  readonly profile: string
  readonly task: Readonly<Record<string, number>>
  readonly runScripts: boolean
  readonly volumePhases: boolean
  readonly seictl?: string
  readonly nodePool?: string
}

const program = new Command('fake-node')
  .description('Plays the machines of a cluster: Nodes, volumes, and pods whose containers run in this process.')
  .requiredOption('--kubeconfig <file>', 'how to reach the API server')
  .option('--sei-nodes <count>', "Nodes with the label and taint of Sei's NodePool", wholeNumber, 1)
  .option('--profile <tag>', 'seictl release that sidecar images without a version tag stand for', 'latest')
  .option('--task <type=ms>', 'how long a sidecar task takes; repeat for several, * for all others', byType, {})
  .option('--run-scripts', 'run the shell scripts of Jobs for real, with a fake seid', false)
  .option('--no-volume-phases', 'leave the phase of PersistentVolumes unwritten, which saves a write for each')
  .option(
    '--node-pool <name>',
    'NodePool of the Nodes; the API server then reaches their kubelet, for port-forwards and logs',
  )
  .option('--seictl <path>', 'a real seictl to run in the place of fake sidecars')
  .parse()

const flags = program.opts<Flags>()
const log = createLogger({ level: 'warn', format: 'text' })
const client = createKubeClient(await loadClusterConfig({ kubeconfig: flags.kubeconfig, env: process.env }), {
  userAgent: 'fake-node',
})
const node = await startFakeNode({
  client,
  log,
  seiNodes: flags.seiNodes,
  defaultProfile: flags.profile,
  sidecarFor: ({ image }) => ({
    tasks: type => durationOf(flags.task[type] ?? flags.task['*'] ?? 0),
    // As with images that cannot be pulled, the name decides.
    ...(image.includes('swallows-requests') && { faults: () => ({ kind: 'swallow' }) }),
  }),
  runScripts: flags.runScripts,
  volumePhases: flags.volumePhases,
  ...(flags.seictl !== undefined && { seictl: flags.seictl }),
  ...(flags.nodePool !== undefined && { nodePool: flags.nodePool }),
})
console.log('fake node ready')

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void node.stop().then(() => client.close())
  })
}

function durationOf(durationMs: number): { durationMs: number } | undefined {
  return durationMs === 0 ? undefined : { durationMs }
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number, 0 or more.')
  return value
}

function byType(text: string, before: Readonly<Record<string, number>>): Record<string, number> {
  const [type = '', ms = ''] = text.split('=')
  if (type === '' || ms === '') throw new InvalidArgumentError('expected TYPE=MILLISECONDS.')
  return { ...before, [type]: wholeNumber(ms) }
}
