/** Reads one node or pool with what belongs to it: `readNode`, `readPool`. What may not be read is left out. */
import type { Event, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { POOL_LABEL } from '../../api/names.ts'
import { childNames } from '../../build/names.ts'
import type { ListOptions } from '../../kube/client.ts'
import { ApiError } from '../../kube/errors.ts'
import { events, persistentVolumeClaims, pods } from '../../kube/resources.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { Cluster } from './connect.ts'
import { type FleetNode, withLive } from './fleet.ts'
import { type Live, readLive } from './live.ts'

const UNASKED: Live = { kind: 'unknown', why: 'not asked' }

export interface NodeDetails extends FleetNode {
  readonly claim: PersistentVolumeClaim | undefined
  /** Newest first. */
  readonly events: readonly Event[]
  /** What could not be read, as `pods`. */
  readonly unreadable: readonly string[]
}

export interface PoolDetails {
  readonly pool: SeiNodePool
  readonly members: readonly FleetNode[]
  readonly events: readonly Event[]
  readonly unreadable: readonly string[]
}

export async function readNode(cluster: Cluster, node: SeiNode, signal: AbortSignal): Promise<NodeDetails> {
  const { client } = cluster
  const { namespace = '' } = node.metadata
  const { pod: podName, dataVolume } = childNames(node)
  const reader = new PartialReader()
  const [pod, claim, told] = await Promise.all([
    reader.read('pods', client.get(pods, { namespace, name: podName }, { signal })),
    reader.read(
      'persistentvolumeclaims',
      client.get(persistentVolumeClaims, { namespace, name: dataVolume }, { signal }),
    ),
    reader.read('events', client.list(events, eventsOf(node, signal))),
  ])
  const [live = UNASKED] = await readLive(cluster.config, [{ node, pod }], signal)
  return { node, pod, live, claim, events: newestFirst(told?.items ?? []), unreadable: reader.unreadable }
}

export async function readPool(cluster: Cluster, pool: SeiNodePool, signal: AbortSignal): Promise<PoolDetails> {
  const { client } = cluster
  const { namespace = '', name } = pool.metadata
  const labelSelector = `${POOL_LABEL}=${name}`
  const reader = new PartialReader()
  const [nodes, found, told] = await Promise.all([
    client.list(seiNodes, { namespace, labelSelector, signal }),
    reader.read('pods', client.list(pods, { namespace, labelSelector, signal })),
    reader.read('events', client.list(events, eventsOf(pool, signal))),
  ])
  const byName = new Map(found?.items.map(pod => [pod.metadata?.name, pod] as const))
  const items = nodes.items.map(node => ({ node, pod: byName.get(childNames(node).pod) }))
  const members = withLive(items, await readLive(cluster.config, items, signal))
  return { pool, members, events: newestFirst(told?.items ?? []), unreadable: reader.unreadable }
}

function eventsOf({ metadata }: KubeObject, signal: AbortSignal): ListOptions<Event> {
  return { namespace: metadata?.namespace ?? '', fieldSelector: `involvedObject.uid=${metadata?.uid}`, signal }
}

function newestFirst(items: readonly Event[]): readonly Event[] {
  return items.toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)))
}

/** When it last happened, RFC 3339. */
export function timeOf({ series, lastTimestamp, eventTime, firstTimestamp, metadata }: Event): string {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp ?? ''
}

/** Remembers what may not be read. */
class PartialReader {
  readonly unreadable: string[] = []

  async read<T>(what: string, answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 403)) throw error
      this.unreadable.push(what)
      return undefined
    }
  }
}
