/** Follows nodes and pools until nothing more is to be expected of any of them: `watchBootstrap`. */
import { seiNodePools, seiNodes } from '../src/api/resources.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { SeiNodePool } from '../src/api/seinodepool.ts'
import { findCondition } from '../src/lib/conditions.ts'
import type { KubeClient } from '../src/kube/client.ts'
import type { KubeObject } from '../src/kube/types.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { Informer } from '../src/runtime/informer.ts'
import type { Logger } from '../src/runtime/log.ts'
import { nodeRow, poolRow } from './node-row.ts'
import type { NodesView } from './nodes-view.ts'

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
 * Shows every change of the namespace's nodes and pools. Resolves when all nodes are Running and all pools Ready, or when
 * none is left that still can get there by itself (a failed bootstrap waits for somebody), or at the deadline. There must
 * be a node.
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
  const { promise: settled, resolve: settle } = Promise.withResolvers<BootstrapResult>()
  const update = (): void => {
    if (!nodes.hasSynced || !pools.hasSynced) return
    const found = current()
    view.show([...found.pools.map(poolRow), ...found.nodes.map(nodeRow)])
    const kind = judge(found)
    if (kind) settle({ kind, ...found })
  }
  const ended = new AbortController()
  const following = [nodes.run(ended.signal), pools.run(ended.signal)]
  nodes.store.subscribe(update)
  pools.store.subscribe(update)
  void Promise.all([nodes.synced, pools.synced]).then(update)
  const deadline = setTimeout(() => settle({ kind: 'deadline', ...current() }), deadlineMs)
  try {
    return await settled
  } finally {
    clearTimeout(deadline)
    ended.abort()
    await Promise.all(following)
  }
}

function judge({ nodes, pools }: Omit<BootstrapResult, 'kind'>): 'all-running' | 'some-failed' | undefined {
  const phases = new Set([...nodes.map(({ status }) => status?.phase), ...pools.map(phaseOf)])
  const failed = phases.delete('Failed')
  phases.delete('Running')
  if (nodes.length === 0 || phases.size > 0) return undefined
  return failed ? 'some-failed' : 'all-running'
}

/** A pool runs when its network makes blocks. */
function phaseOf({ status }: Readonly<SeiNodePool>): string | undefined {
  const isReady = findCondition(status?.conditions, 'Ready')?.status === 'True'
  return status?.phase === 'Running' && !isReady ? undefined : status?.phase
}

function byAge(a: Readonly<KubeObject>, b: Readonly<KubeObject>): number {
  const [first = '', second = ''] = [a, b].map(({ metadata }) => `${metadata?.creationTimestamp} ${metadata?.name}`)
  return first < second ? -1 : 1
}
