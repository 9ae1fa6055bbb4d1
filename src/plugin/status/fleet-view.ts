/** All nodes and pools as one table: `fleetRows`, `renderFleet`. Pure. */
import { POOL_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { effectiveMode } from '../../api/mode.ts'
import type { Fleet, FleetNode } from '../cluster/fleet.ts'
import type { Live } from '../cluster/live.ts'
import { type Cell, type Column, renderTable } from '../output/table.ts'
import type { Style } from '../output/style.ts'
import { taskInWords } from './plan-view.ts'
import { readiness } from './readiness.ts'

export interface FleetRow {
  readonly namespace: string
  readonly name: string
  readonly kind: 'pool' | 'node'
  /** The pool of a node that has one. */
  readonly pool?: string
  /** Of a node. */
  readonly mode?: string
  readonly chain: string
  readonly phase: string
  readonly ready: Cell
  /** Height of the last block; undefined if it is unknown. */
  readonly height?: number
  /** Blocks behind the highest that a node of the chain has or heard of; undefined without a node to compare with. */
  readonly lag?: number
  readonly peers?: number
  readonly task: Cell
  readonly disk: string
  readonly image: string
}

/** Each pool is followed by its nodes; nodes of no pool come last. */
export function fleetRows({ nodes, pools }: Fleet, now: number): readonly FleetRow[] {
  const heads = chainHeads(nodes)
  const rows: FleetRow[] = []
  const taken = new Set<FleetNode>()
  for (const pool of pools.toSorted(byKey)) {
    const members = nodes.filter(({ node }) => isMember(node, pool)).toSorted((a, b) => byKey(a.node, b.node))
    for (const member of members) taken.add(member)
    rows.push(poolRow(pool), ...members.map(member => nodeRow(member, heads, now, pool.metadata.name)))
  }
  const others = nodes.filter(node => !taken.has(node)).toSorted((a, b) => byKey(a.node, b.node))
  return [...rows, ...others.map(each => nodeRow(each, heads, now))]
}

function isMember({ metadata }: SeiNode, pool: SeiNodePool): boolean {
  return metadata.namespace === pool.metadata.namespace && metadata.labels?.[POOL_LABEL] === pool.metadata.name
}

function byKey(a: SeiNode | SeiNodePool, b: SeiNode | SeiNodePool): number {
  const order = (a.metadata.namespace ?? '').localeCompare(b.metadata.namespace ?? '')
  return order === 0 ? a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true }) : order
}

function poolRow(pool: SeiNodePool): FleetRow {
  const { metadata, spec, status } = pool
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    kind: 'pool',
    chain: spec.chainId,
    phase: status?.phase ?? 'Pending',
    ready: readiness(status?.conditions),
    task: `${status?.readyNodes ?? 0}/${spec.nodeConfiguration.nodeCount} nodes ready`,
    disk: '-',
    image: spec.nodeConfiguration.image,
  }
}

function nodeRow({ node, live }: FleetNode, heads: ReadonlyMap<string, Head>, now: number, pool?: string): FleetRow {
  const { metadata, spec, status } = node
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    kind: 'node',
    ...(pool === undefined ? {} : { pool }),
    mode: status?.mode ?? effectiveMode(spec),
    chain: spec.chainId,
    phase: status?.phase ?? 'Pending',
    ready: readiness(status?.conditions),
    ...progressOf(live, heads.get(spec.chainId)),
    task: taskInWords(status?.initPlan, now),
    disk: status?.dataVolume?.use ?? '-',
    image: spec.image,
  }
}

interface Head {
  readonly height: number
  /** Nodes that told of it, and peers that one of them heard. */
  readonly sources: number
}

function chainHeads(nodes: readonly FleetNode[]): ReadonlyMap<string, Head> {
  const heads = new Map<string, Head>()
  for (const { node, live } of nodes) {
    if (live.kind !== 'known') continue
    const { height, maxPeerHeight } = live.answer
    const before = heads.get(node.spec.chainId) ?? { height: 0, sources: 0 }
    heads.set(node.spec.chainId, {
      height: Math.max(before.height, height, maxPeerHeight),
      sources: before.sources + (maxPeerHeight > 0 ? 2 : 1),
    })
  }
  return heads
}

function progressOf(live: Live, head: Head | undefined): Pick<FleetRow, 'height' | 'lag' | 'peers'> {
  if (live.kind === 'unknown') return {}
  const { height, peers } = live.answer
  return {
    height,
    ...(head && head.sources > 1 ? { lag: Math.max(0, head.height - height) } : {}),
    ...(peers === undefined ? {} : { peers }),
  }
}

/** Blocks that a node may be behind because the nodes are not asked at the same moment. */
const SIMULTANEOUS_BLOCKS = 20

function number(value: number | undefined): string {
  return value === undefined ? '-' : String(value)
}

const COLUMNS: readonly Column<FleetRow>[] = [
  { title: 'KIND', cell: ({ kind, mode }) => mode ?? kind },
  { title: 'CHAIN', cell: ({ chain }) => chain },
  { title: 'PHASE', cell: ({ phase }) => (phase === 'Failed' ? { text: phase, style: 'bad' } : phase) },
  { title: 'READY', cell: ({ ready }) => ready },
  { title: 'HEIGHT', cell: ({ height }) => number(height) },
  {
    title: 'LAG',
    cell: ({ lag }) => ((lag ?? 0) > SIMULTANEOUS_BLOCKS ? { text: String(lag), style: 'warn' } : number(lag)),
  },
  { title: 'PEERS', cell: ({ peers }) => (peers === 0 ? { text: '0', style: 'warn' } : number(peers)) },
  { title: 'TASK', cell: ({ task }) => task },
  { title: 'DISK', cell: ({ disk }) => disk },
  { title: 'IMAGE', cell: ({ image }) => image },
]

/** @param isAll rows of several namespaces */
export function renderFleet(rows: readonly FleetRow[], isAll: boolean, style: Style): readonly string[] {
  const namespace: Column<FleetRow> = { title: 'NAMESPACE', cell: row => row.namespace }
  const name: Column<FleetRow> = {
    title: 'NAME',
    cell: row => `${branchOf(row, rows[rows.indexOf(row) + 1])}${row.name}`,
  }
  return renderTable([...(isAll ? [namespace] : []), name, ...COLUMNS], rows, style)
}

function branchOf({ pool, namespace }: FleetRow, next: FleetRow | undefined): string {
  if (pool === undefined) return ''
  return next?.pool === pool && next.namespace === namespace ? '├─ ' : '└─ '
}
