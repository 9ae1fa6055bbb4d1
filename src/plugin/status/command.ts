/** `kubectl sei status`: all nodes and pools, or one of them; `runStatus`. */
import { stringify } from 'yaml'
import { findTarget } from '../cluster/find.ts'
import { type Fleet, readFleet } from '../cluster/fleet.ts'
import { readNode, readPool } from '../cluster/details.ts'
import { operatorWarning, readOperator } from '../cluster/operator.ts'
import type { Session } from '../session.ts'
import { EXIT_CODES, type ExitCode } from '../exit-code.ts'
import { fleetRows, type FleetRow, renderFleet } from './fleet-view.ts'
import { renderNode } from './node-view.ts'
import { renderPool } from './pool-view.ts'
import { type View, watchView } from './watch.ts'

export type OutputFormat = 'json' | 'yaml'

export interface StatusOptions {
  readonly output?: OutputFormat
  readonly watch?: boolean
}

export async function runStatus(
  session: Session,
  reference: string | undefined,
  { output, watch = false }: StatusOptions,
): Promise<ExitCode> {
  const { io } = session
  const read = (): Promise<View> => (reference === undefined ? fleetView(session) : objectView(session, reference))
  if (watch) return watchView(io, read)
  const { lines, data } = await read()
  if (output === 'json') io.print(JSON.stringify(data, null, 2))
  else if (output === 'yaml') io.print(stringify(data).trimEnd())
  else io.print(lines.join('\n'))
  return EXIT_CODES.ok
}

async function fleetView(session: Session): Promise<View> {
  const { io, isAllNamespaces } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const [fleet, operators] = await Promise.all([
    readFleet(cluster, isAllNamespaces ? undefined : namespace, io.signal),
    readOperator(cluster.client, namespace),
  ])
  const now = io.now()
  const rows = fleetRows(fleet, now)
  const warning = operatorWarning(operators, now)
  const head = warning === undefined ? [] : [io.style.bad(warning), '']
  const place = isAllNamespaces ? 'the cluster' : `namespace ${namespace}`
  if (rows.length === 0)
    return { lines: [...head, `There is no SeiNode or SeiNodePool in ${place}.`], data: { items: [] } }
  return {
    lines: [...head, ...renderFleet(rows, isAllNamespaces, io.style), ...footer(rows, fleet)],
    data: { ...(warning === undefined ? {} : { warning }), items: rows.map(row => asData(row, fleet)) },
  }
}

/** How many need attention, and why heights are missing. */
function footer(rows: readonly FleetRow[], { nodes }: Fleet): readonly string[] {
  const stalled = rows.filter(({ ready }) => typeof ready !== 'string' && ready.style === 'bad').map(({ name }) => name)
  const reasons = new Set(
    nodes.flatMap(({ live }) => (live.kind === 'unknown' && live.why !== 'seid does not run' ? [live.why] : [])),
  )
  const lines = [
    ...(stalled.length === 0
      ? []
      : [`A person is needed: kubectl sei status NAME says what to do (${stalled.join(', ')}).`]),
    ...[...reasons].map(why => `Heights are missing: ${why}.`),
  ]
  return lines.length === 0 ? [] : ['', ...lines]
}

function asData({ ready, task, ...row }: FleetRow, { nodes }: Fleet): unknown {
  const live = nodes.find(
    ({ node }) => row.kind === 'node' && node.metadata.name === row.name && node.metadata.namespace === row.namespace,
  )?.live
  return {
    ...row,
    ready: textOf(ready),
    task: textOf(task),
    ...(live?.kind === 'unknown' ? { heightUnknown: live.why } : {}),
  }
}

function textOf(cell: FleetRow['ready']): string {
  return typeof cell === 'string' ? cell : cell.text
}

async function objectView(session: Session, reference: string): Promise<View> {
  const { io } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const [target, operators] = await Promise.all([
    findTarget(cluster.client, namespace, reference),
    readOperator(cluster.client, namespace),
  ])
  const warning = operatorWarning(operators, io.now())
  const head = warning === undefined ? [] : [io.style.bad(warning), '']
  if (target.kind === 'pool') {
    const details = await readPool(cluster, target.object, io.signal)
    return { lines: [...head, ...renderPool(details, io.now(), io.style)], data: { warning, ...details } }
  }
  const details = await readNode(cluster, target.object, io.signal)
  return { lines: [...head, ...renderNode(details, io.now(), io.style)], data: { warning, ...details } }
}
