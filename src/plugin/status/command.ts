/** `kubectl sei status`: all nodes and pools, or one of them; `runStatus`. */
import { stringify } from 'yaml'
import { findTarget, type Target } from '../cluster/find.ts'
import type { KubeObject } from '../../kube/types.ts'
import { type Fleet, readFleet } from '../cluster/fleet.ts'
import { readNode, readPool } from '../cluster/details.ts'
import { operatorWarning, readOperator } from '../cluster/operator.ts'
import type { Session } from '../session.ts'
import { EXIT_CODES, type ExitCode } from '../exit-code.ts'
import { changeLine, fleetRows, type FleetRow, renderFleet } from './fleet-view.ts'
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
  const read = (): Promise<View> => statusView(session, reference)
  if (watch) return watchView(io, read)
  const { lines, data } = await read()
  if (output === 'json') io.print(JSON.stringify(withoutManagedFields(data), null, 2))
  else if (output === 'yaml') io.print(stringify(withoutManagedFields(data)).trimEnd())
  else io.print(lines.join('\n'))
  return EXIT_CODES.ok
}

/** Of all nodes and pools, or of the one that is named. */
export function statusView(session: Session, reference: string | undefined): Promise<View> {
  return reference === undefined ? fleetView(session) : objectView(session, reference)
}

async function fleetView(session: Session): Promise<View> {
  const { io, isAllNamespaces } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const [fleet, operators] = await Promise.all([
    readFleet(cluster, isAllNamespaces ? undefined : namespace, io.signal),
    readOperator(cluster.client, await session.operatorNamespaces()),
  ])
  const now = io.now()
  const rows = fleetRows(fleet)
  const warning = operatorWarning(operators, now)
  const head = warning === undefined ? [] : [io.style.bad(warning), '']
  const place = isAllNamespaces ? 'the cluster' : `namespace ${namespace}`
  const changes = [...(warning === undefined ? [] : [warning]), ...rows.map(changeLine)]
  if (rows.length === 0)
    return { lines: [...head, `There is no SeiNode or SeiNodePool in ${place}.`], changes, data: { items: [] } }
  return {
    lines: [...head, ...renderFleet(rows, isAllNamespaces, now, io.style), ...footer(rows, fleet)],
    changes,
    data: { ...(warning === undefined ? {} : { warning }), items: rows.map(row => asData(row, fleet)) },
  }
}

/** How many need attention, and why heights are missing. */
function footer(rows: readonly FleetRow[], { nodes }: Fleet): readonly string[] {
  const stalled = rows.filter(({ ready }) => ready.isStalled).map(({ name }) => name)
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

function asData(row: FleetRow, { nodes }: Fleet): unknown {
  const isSame = ({ metadata }: KubeObject): boolean =>
    row.kind === 'node' && metadata?.name === row.name && metadata.namespace === row.namespace
  const live = nodes.find(({ node }) => isSame(node))?.live
  return live?.kind === 'unknown' ? { ...row, heightUnknown: live.why } : row
}

async function objectView(session: Session, reference: string): Promise<View> {
  const { io } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const [target, operators] = await Promise.all([
    findTarget(cluster.client, namespace, reference),
    readOperator(cluster.client, await session.operatorNamespaces()),
  ])
  const warning = operatorWarning(operators, io.now())
  const head = warning === undefined ? [] : [io.style.bad(warning), '']
  const lead = warning === undefined ? {} : { warning }
  const changes = changesOf(target)
  if (target.kind === 'pool') {
    const details = await readPool(cluster, target.object, io.signal)
    const lines = [...head, ...renderPool(details, io.now(), io.style)]
    return { lines, changes, data: { ...lead, ...details } }
  }
  const details = await readNode(cluster, target.object, io.signal)
  return { lines: [...head, ...renderNode(details, io.now(), io.style)], changes, data: { ...lead, ...details } }
}

/** Phase, conditions and tasks, of which each change is worth a line. */
function changesOf({ kind, object }: Target): readonly string[] {
  const { phase = 'Pending', conditions = [] } = object.status ?? {}
  const plans = kind === 'node' ? [object.status?.initPlan, object.status?.updatePlan] : []
  return [
    `phase ${phase}`,
    ...conditions.map(({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`),
    ...plans.flatMap(plan => plan?.tasks.map(({ type, status }) => `task ${type} ${status}`) ?? []),
  ]
}

/** As kubectl prints objects. */
function withoutManagedFields(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data, (key, value: unknown) => (key === 'managedFields' ? undefined : value)))
}
