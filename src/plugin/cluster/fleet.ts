/** Reads all nodes and pools with their pods: `readFleet`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { NODE_LABEL } from '../../api/names.ts'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { childNames } from '../../build/names.ts'
import { pods } from '../../kube/resources.ts'
import type { Cluster } from './connect.ts'
import { unlessForbidden } from './operator.ts'
import { type Live, type LiveNode, readLive } from './live.ts'

/** One node, with what its seid says now. */
export interface FleetNode {
  readonly node: SeiNode
  readonly pod: Pod | undefined
  readonly live: Live
}

export interface Fleet {
  readonly nodes: readonly FleetNode[]
  readonly pools: readonly SeiNodePool[]
}

/** @param namespace undefined: all */
export async function readFleet(
  { client, config }: Cluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<Fleet> {
  const options = { ...(namespace === undefined ? {} : { namespace }), signal }
  const [nodes, pools, found] = await Promise.all([
    client.list(seiNodes, options),
    client.list(seiNodePools, options),
    unlessForbidden(client.list(pods, { ...options, labelSelector: NODE_LABEL })),
  ])
  const byKey = new Map(found?.items.map(pod => [`${pod.metadata?.namespace}/${pod.metadata?.name}`, pod] as const))
  const items = nodes.items.map(node => ({
    node,
    pod: byKey.get(`${node.metadata.namespace}/${childNames(node).pod}`),
  }))
  const live = found
    ? await readLive(config, items, signal)
    : items.map((): Live => ({ kind: 'unknown', why: 'you may not list pods' }))
  return { nodes: withLive(items, live), pools: pools.items }
}

/** @param live in the order of `items` */
export function withLive(items: readonly LiveNode[], live: readonly Live[]): readonly FleetNode[] {
  return items.map(({ node, pod }, at) => ({ node, pod, live: live[at] ?? { kind: 'unknown', why: 'not asked' } }))
}
