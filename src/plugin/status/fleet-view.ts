/** All nodes and pools as one table: `fleetRows`, `renderFleet`. Pure. */
import { POOL_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { effectiveMode } from '../../api/mode.ts'
import type { Fleet, FleetNode } from '../cluster/fleet.ts'
import type { Live } from '../cluster/live.ts'
import { type Column, renderTable } from '../output/table.ts'
import type { Style } from '../output/style.ts'
import { type RunningTask, runningTask, taskCell } from './plan-view.ts'
import { type Readiness, readinessOf, readyCell } from './readiness.ts'

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
  readonly ready: Readiness
  /** Of a pool. */
  readonly nodes?: { readonly ready: number; readonly total: number }
  /** Height of the last block; undefined if it is unknown. */
  readonly height?: number
  /** Blocks behind the highest that a node of the chain has or heard of; undefined without a node to compare with. */
  readonly lag?: number
  readonly peers?: number
  /** Of the bootstrap. */
  readonly task?: RunningTask
  /** Share of the volume that is in use. */
  readonly disk?: string
  readonly image: string
}

/** Each pool is followed by its nodes; nodes of no pool come last. */
export function fleetRows({ nodes, pools }: Fleet): readonly FleetRow[] {
  const heads = chainHeads(nodes)
  const rows: FleetRow[] = []
  const taken = new Set<FleetNode>()
  for (const pool of pools.toSorted(byKey)) {
    const members = nodes.filter(({ node }) => isMember(node, pool)).toSorted((a, b) => byKey(a.node, b.node))
    for (const member of members) taken.add(member)
    rows.push(poolRow(pool), ...members.map(member => nodeRow(member, heads, pool.metadata.name)))
  }
  const others = nodes.filter(node => !taken.has(node)).toSorted((a, b) => byKey(a.node, b.node))
  return [...rows, ...others.map(each => nodeRow(each, heads))]
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
    ready: readinessOf(status?.conditions),
    nodes: { ready: status?.readyNodes ?? 0, total: spec.nodeConfiguration.nodeCount },
    image: spec.nodeConfiguration.image,
  }
}

function nodeRow({ node, live }: FleetNode, heads: ReadonlyMap<string, Head>, pool?: string): FleetRow {
  const { metadata, spec, status } = node
  const task = runningTask(status?.initPlan)
  const use = status?.dataVolume?.use
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    kind: 'node',
    ...(pool === undefined ? {} : { pool }),
    mode: status?.mode ?? effectiveMode(spec),
    chain: spec.chainId,
    phase: status?.phase ?? 'Pending',
    ready: readinessOf(status?.conditions),
    ...progressOf(live, heads.get(spec.chainId)),
    ...(task ? { task } : {}),
    ...(use === undefined ? {} : { disk: use }),
    image: status?.upgrade?.image ?? spec.image,
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

function columns(now: number): readonly Column<FleetRow>[] {
  return [
    { title: 'KIND', cell: ({ kind, mode }) => mode ?? kind },
    { title: 'CHAIN', cell: ({ chain }) => chain },
    { title: 'PHASE', cell: ({ phase }) => (phase === 'Failed' ? { text: phase, style: 'bad' } : phase) },
    { title: 'READY', cell: ({ ready }) => readyCell(ready) },
    { title: 'HEIGHT', cell: ({ height }) => number(height) },
    {
      title: 'LAG',
      cell: ({ lag }) => ((lag ?? 0) > SIMULTANEOUS_BLOCKS ? { text: String(lag), style: 'warn' } : number(lag)),
    },
    { title: 'PEERS', cell: ({ peers }) => (peers === 0 ? { text: '0', style: 'warn' } : number(peers)) },
    {
      title: 'TASK',
      cell: ({ nodes, task }) =>
        nodes ? `${nodes.ready}/${nodes.total} nodes ready` : task ? taskCell(task, now) : '-',
    },
    { title: 'DISK', cell: ({ disk }) => disk ?? '-' },
    { title: 'IMAGE', cell: ({ image }) => image },
  ]
}

/** @param isAll rows of several namespaces */
export function renderFleet(rows: readonly FleetRow[], isAll: boolean, now: number, style: Style): readonly string[] {
  const namespace: Column<FleetRow> = { title: 'NAMESPACE', cell: row => row.namespace }
  const name: Column<FleetRow> = {
    title: 'NAME',
    cell: row => `${branchOf(row, rows[rows.indexOf(row) + 1])}${row.name}`,
  }
  return renderTable([...(isAll ? [namespace] : []), name, ...columns(now)], rows, style)
}

/** What is new when it changes: without heights and durations, which change all the time. */
export function changeLine({ namespace, name, phase, ready, nodes, task, disk }: FleetRow): string {
  const cell = readyCell(ready)
  const said = [
    `${namespace}/${name}`,
    phase,
    `Ready ${typeof cell === 'string' ? cell : cell.text}`,
    ...(nodes ? [`${nodes.ready}/${nodes.total} nodes ready`] : []),
    ...(task ? [`${task.name} ${task.status}`] : []),
    ...(disk === undefined ? [] : [`disk ${disk}`]),
  ]
  return said.join('  ')
}

function branchOf({ pool, namespace }: FleetRow, next: FleetRow | undefined): string {
  if (pool === undefined) return ''
  return next?.pool === pool && next.namespace === namespace ? '├─ ' : '└─ '
}
