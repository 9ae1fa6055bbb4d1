/** The Kubernetes objects of the demo: `installKinds`, `applyNodes` and `showResult` run kubectl as a user would, `watchBootstrap` follows the nodes until all are Running. */
import { seiNodePools, seiNodes } from '../src/api/resources.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { SeiNodePool } from '../src/api/seinodepool.ts'
import type { KubeClient } from '../src/kube/client.ts'
import type { KubeObject } from '../src/kube/types.ts'
import { findCondition } from '../src/lib/conditions.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { Informer } from '../src/runtime/informer.ts'
import type { Logger } from '../src/runtime/log.ts'
import { kubectl } from '../testing/kubectl.ts'
import { ROOT } from '../testing/root.ts'
import { nodeRow, type NodesView, poolRow, type Screen } from './nodes-view.ts'

const CRDS = 'config/crd/bases'
/** The demo's own manifests: one more of each way to bootstrap, and what they need. */
export const MANIFESTS = 'demo/manifests'
const SAMPLES = [
  'samples/seinode-mainnet-0.yaml',
  'samples/seinode-shadow-replayer.yaml',
  'samples/seinodepool-devnet.yaml',
] as const
const PREPARATION = 'job/prepare-devnet-validator'

export async function installKinds(env: NodeJS.ProcessEnv): Promise<void> {
  await kubectl(['apply', '--server-side', '-f', CRDS], { env, cwd: ROOT })
  await kubectl(['wait', '--for=condition=Established', '--timeout=30s', '-f', CRDS], { env, cwd: ROOT })
}

/** Resolves when the Job has prepared the volume of the node with `genesis.pvc`, whose pod would otherwise fail and restart. */
export async function applyNodes(env: NodeJS.ProcessEnv, screen: Screen, manifests = MANIFESTS): Promise<void> {
  await show(env, screen, 'apply', ...SAMPLES.flatMap(path => ['-f', path]), '-f', manifests)
  await show(env, screen, 'wait', '--for=condition=Complete', '--timeout=30s', PREPARATION)
}

export async function showResult(env: NodeJS.ProcessEnv, screen: Screen): Promise<void> {
  const children = 'statefulsets,services,persistentvolumeclaims,pods'
  await show(env, screen, 'get', 'seinodepools,seinodes')
  await show(env, screen, 'get', children, '--selector=sei.io/node=mainnet-0')
}

/** Writes the command, and its output indented. */
async function show(env: NodeJS.ProcessEnv, screen: Screen, ...args: readonly string[]): Promise<void> {
  const output = await kubectl(args, { env, cwd: ROOT, withWarnings: true })
  screen.write(`$ kubectl ${args.join(' ')}\n${output.trimEnd().replaceAll(/^(?=.)/gm, '  ')}\n`)
}

export interface WatchOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly view: NodesView
  readonly log: Logger
  readonly deadlineMs: number
}

export interface BootstrapResult {
  readonly kind: 'all-running' | 'some-failed' | 'deadline'
  readonly nodes: readonly Readonly<SeiNode>[]
  readonly pools: readonly Readonly<SeiNodePool>[]
}

/**
 * Shows every change of the namespace's nodes and pools. Resolves when all nodes are Running and all pools Ready, when the
 * others have failed (a failed bootstrap needs a user), or at the deadline. There must be a node.
 */
export async function watchBootstrap(options: WatchOptions): Promise<BootstrapResult> {
  const { client, namespace, view, log, deadlineMs } = options
  const shared = { client, namespaces: [namespace], log, clock: systemClock }
  const nodes = new Informer({ ...shared, resource: seiNodes })
  const pools = new Informer({ ...shared, resource: seiNodePools })
  const current = (): Omit<BootstrapResult, 'kind'> => ({
    nodes: [...nodes.store.values()].toSorted(byAge),
    pools: [...pools.store.values()].toSorted(byAge),
  })
  const { promise: result, resolve: end } = Promise.withResolvers<BootstrapResult>()
  const update = (): void => {
    if (!nodes.hasSynced || !pools.hasSynced) return
    const found = current()
    view.show([...found.pools.map(poolRow), ...found.nodes.map(nodeRow)])
    const kind = resultOf(found)
    if (kind) end({ kind, ...found })
  }
  const stop = new AbortController()
  const following = [nodes.run(stop.signal), pools.run(stop.signal)]
  nodes.store.subscribe(update)
  pools.store.subscribe(update)
  void Promise.all([nodes.synced, pools.synced]).then(update)
  const deadline = setTimeout(() => end({ kind: 'deadline', ...current() }), deadlineMs)
  try {
    return await result
  } finally {
    clearTimeout(deadline)
    stop.abort()
    await Promise.all(following)
  }
}

function resultOf({ nodes, pools }: Omit<BootstrapResult, 'kind'>): 'all-running' | 'some-failed' | undefined {
  const phases = new Set([...nodes.map(({ status }) => status?.phase), ...pools.map(phaseOf)])
  const failed = phases.delete('Failed')
  phases.delete('Running')
  if (nodes.length === 0 || phases.size > 0) return undefined
  return failed ? 'some-failed' : 'all-running'
}

/** A pool counts as Running if it is Ready: its network produces blocks. */
function phaseOf({ status }: Readonly<SeiNodePool>): string | undefined {
  const isReady = findCondition(status?.conditions, 'Ready')?.status === 'True'
  return status?.phase === 'Running' && !isReady ? undefined : status?.phase
}

function byAge(a: Readonly<KubeObject>, b: Readonly<KubeObject>): number {
  const [first = '', second = ''] = [a, b].map(({ metadata }) => `${metadata?.creationTimestamp} ${metadata?.name}`)
  return first < second ? -1 : 1
}
