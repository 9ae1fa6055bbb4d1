/** `kubectl sei logs`: the log of the right container of the right pod; `runLogs`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import {
  INIT_CONTAINER,
  NODE_LABEL,
  ORDINAL_LABEL,
  POOL_JOB_LABEL,
  POOL_LABEL,
  SEID_CONTAINER,
  SIDECAR_CONTAINER,
} from '../api/names.ts'
import { childNames } from '../build/names.ts'
import { containerStatus, wasSeidStarted } from '../controllers/shared/pods/pod-state.ts'
import { ApiError } from '../kube/errors.ts'
import { pods } from '../kube/resources.ts'
import { resourcePath } from '../kube/resource-path.ts'
import type { Cluster } from './cluster/connect.ts'
import { findTarget, type Target } from './cluster/find.ts'
import { EXIT_CODES, type ExitCode, PluginError } from './exit-code.ts'
import type { Io } from './output/io.ts'
import type { Session } from './session.ts'

export const LOG_PARTS = ['seid', 'sidecar', 'init', 'job'] as const
export type LogPart = (typeof LOG_PARTS)[number]

export interface LogOptions {
  readonly follow?: boolean
  readonly previous?: boolean
  readonly tail?: number
}

interface Source {
  readonly pod: string
  readonly container: string
}

const CONTAINERS: Readonly<Record<Exclude<LogPart, 'job'>, string>> = {
  seid: SEID_CONTAINER,
  sidecar: SIDECAR_CONTAINER,
  init: INIT_CONTAINER,
}

export async function runLogs(
  session: Session,
  reference: string,
  part: LogPart | undefined,
  options: LogOptions,
): Promise<ExitCode> {
  const { io } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const target = await findTarget(cluster.client, namespace, reference)
  const sources = await sourcesOf(cluster, namespace, target, part, io)
  for (const source of sources) {
    if (sources.length > 1 || part === undefined) io.note(io.style.dim(`${source.container} of pod ${source.pod}:`))
    await printLog(cluster, namespace, source, options, io)
  }
  return EXIT_CODES.ok
}

async function sourcesOf(
  cluster: Cluster,
  namespace: string,
  target: Target,
  part: LogPart | undefined,
  { signal }: Io,
): Promise<readonly Source[]> {
  if (part === 'job' || (target.kind === 'pool' && part === undefined))
    return jobSources(cluster, namespace, target, signal)
  if (target.kind === 'pool')
    throw new PluginError(
      `a pool has no ${part} of its own: name one of its nodes, such as ${target.object.metadata.name}-0, or ask for job`,
      EXIT_CODES.usage,
    )
  const name = childNames(target.object).pod
  const pod = await cluster.client.get(pods, { namespace, name }, { signal })
  if (!pod)
    throw new PluginError(
      `pod ${name} does not exist: kubectl sei status ${target.object.metadata.name} says what the node waits for`,
    )
  return [{ pod: name, container: part === undefined ? usualContainer(pod) : CONTAINERS[part] }]
}

/** seid if it has run, else what runs before it. */
function usualContainer(pod: Pod): string {
  if (wasSeidStarted(pod)) return SEID_CONTAINER
  const { state } = containerStatus(pod, SIDECAR_CONTAINER) ?? {}
  return state?.running || state?.terminated ? SIDECAR_CONTAINER : INIT_CONTAINER
}

/** All containers that have started of the newest pod of a Job: the ceremony's, or that of a node's volume. */
async function jobSources(
  { client }: Cluster,
  namespace: string,
  { kind, object }: Target,
  signal: AbortSignal,
): Promise<readonly Source[]> {
  const { name, labels } = object.metadata
  const pool = kind === 'pool' ? name : labels?.[POOL_LABEL]
  const ordinal = labels?.[ORDINAL_LABEL]
  const job = kind === 'pool' ? POOL_JOB_LABEL : `${POOL_JOB_LABEL}=prep-${ordinal}`
  if (pool === undefined || (kind === 'node' && ordinal === undefined))
    throw new PluginError(`${name} was not made by a pool, so it has no Job`, EXIT_CODES.usage)
  const labelSelector = `${POOL_LABEL}=${pool},${job},!${NODE_LABEL}`
  const { items } = await client.list(pods, { namespace, labelSelector, signal })
  const [newest] = items.toSorted(byNeed)
  if (!newest)
    throw new PluginError(`there is no pod of a Job of ${name}: Kubernetes has removed it, or it was not made yet`)
  const { initContainerStatuses = [], containerStatuses = [] } = newest.status ?? {}
  return [...initContainerStatuses, ...containerStatuses]
    .filter(({ state }) => state?.running ?? state?.terminated)
    .map(status => ({ pod: newest.metadata?.name ?? '', container: status.name }))
}

const PHASES = ['Failed', 'Running', 'Pending', 'Succeeded']

/** What failed first, then what runs; the newest of each. */
function byNeed(a: Pod, b: Pod): number {
  const order = PHASES.indexOf(a.status?.phase ?? '') - PHASES.indexOf(b.status?.phase ?? '')
  const [one = '', other = ''] = [a.metadata?.creationTimestamp, b.metadata?.creationTimestamp]
  return order === 0 ? other.localeCompare(one) : order
}

async function printLog(
  { transport }: Cluster,
  namespace: string,
  { pod, container }: Source,
  { follow, previous, tail }: LogOptions,
  io: Io,
): Promise<void> {
  const query = { container, follow, previous, tailLines: tail }
  const path = resourcePath(pods, { namespace, name: pod, subresource: 'log' }, query)
  const call = { verb: 'get', resource: pods, namespace, name: pod, path, signal: io.signal } as const
  const stream = await transport.stream(call).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 403)
      throw new PluginError(
        `you may not get pods/log in namespace ${namespace}. Ask an administrator for a role with that right`,
      )
    throw error
  })
  for await (const chunk of stream) io.write(chunk)
}
