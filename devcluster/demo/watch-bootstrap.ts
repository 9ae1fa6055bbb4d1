/** Follows the nodes until nothing more is to be expected of any of them: `watchBootstrap`. */
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { Informer } from '../../src/runtime/informer.ts'
import type { Logger } from '../../src/runtime/log.ts'
import { nodeRow } from './node-row.ts'
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
}

/**
 * Shows every change of the namespace's nodes. Resolves when all are Running, or when none is left that still can get
 * there by itself (a failed bootstrap waits for somebody), or at the deadline. There must be a node.
 */
export async function watchBootstrap(options: WatchOptions): Promise<BootstrapResult> {
  const { client, namespace, view, log, deadlineMs } = options
  const informer = new Informer({ client, resource: seiNodes, namespaces: [namespace], log, clock: systemClock })
  const nodes = (): Readonly<SeiNode>[] => [...informer.store.values()].toSorted(byAge)
  const { promise: settled, resolve: settle } = Promise.withResolvers<BootstrapResult>()
  const update = (): void => {
    if (!informer.hasSynced) return
    const current = nodes()
    view.show(current.map(nodeRow))
    const kind = judge(current)
    if (kind) settle({ kind, nodes: current })
  }
  const ended = new AbortController()
  const following = informer.run(ended.signal)
  informer.store.subscribe(update)
  void informer.synced.then(update)
  const deadline = setTimeout(() => settle({ kind: 'deadline', nodes: nodes() }), deadlineMs)
  try {
    return await settled
  } finally {
    clearTimeout(deadline)
    ended.abort()
    await following
  }
}

function judge(nodes: readonly Readonly<SeiNode>[]): 'all-running' | 'some-failed' | undefined {
  const phases = new Set(nodes.map(node => node.status?.phase))
  const failed = phases.delete('Failed')
  phases.delete('Running')
  if (nodes.length === 0 || phases.size > 0) return undefined
  return failed ? 'some-failed' : 'all-running'
}

function byAge(a: Readonly<SeiNode>, b: Readonly<SeiNode>): number {
  const [first = '', second = ''] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`)
  return first < second ? -1 : 1
}
