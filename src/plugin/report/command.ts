/** `kubectl sei report`: a zip file with what a bug report needs, and without secrets; `runReport`. */
import { resolve } from 'node:path'
import { stringify } from 'yaml'
import { VERSION } from '../../cli/version.ts'
import { events } from '../../kube/resources.ts'
import type { Resource } from '../../kube/types.ts'
import type { Cluster } from '../cluster/connect.ts'
import { findTarget } from '../cluster/find.ts'
import { EXIT_CODES, type ExitCode } from '../exit-code.ts'
import { safeText } from '../output/safe-text.ts'
import type { Session } from '../session.ts'
import { statusView } from '../status/command.ts'
import { readOperatorVersion } from '../version.ts'
import { ReportArchive } from './archive.ts'
import { eventTable, manifest, manifestPath } from './documents.ts'
import { type ReportScope, readObjects } from './objects.ts'
import { addOperator } from './operator-files.ts'
import { addLogs } from './pod-logs.ts'
import { ReportReader } from './reader.ts'
import { readme, summary } from './summary.ts'

export interface ReportOptions {
  /** The file to write. */
  readonly output?: string
}

/** What `version` at the API server is, for messages. */
const version: Resource = { group: '', version: 'v1', kind: 'Version', plural: 'version', namespaced: false }

export async function runReport(
  session: Session,
  reference: string | undefined,
  { output }: ReportOptions,
): Promise<ExitCode> {
  const { io } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const target = reference === undefined ? undefined : await findTarget(cluster.client, namespace, reference)
  const created = new Date(io.now()).toISOString()
  const subject = target ? `${namespace}-${target.object.metadata.name}` : namespace
  const directory = `sei-report-${subject}-${created.replaceAll(/[-:]|\.\d+/g, '')}`
  const path = output ?? `${directory}.zip`
  const reader = new ReportReader(io.signal)
  using archive = new ReportArchive(path, directory)
  const scope = { namespace, target, signal: io.signal }
  await addNodes(session, cluster, { scope, reference, archive, reader })
  io.progress('the operator', 'reading the operator')
  const places = await session.operatorNamespaces()
  await addOperator(cluster, places, { archive, directory: 'operator', reader, signal: io.signal })
  archive.add('versions.yaml', await versions(cluster, places, reader, io.signal))
  if (reader.missing.length > 0) archive.add('unreadable.txt', `${reader.missing.join('\n')}\n`)
  const about = target ? `${target.kind} ${namespace}/${target.object.metadata.name}` : `namespace ${namespace}`
  archive.add('README.txt', readme(about, created))
  archive.complete()
  io.print(summary({ path: resolve(path), archive, missing: reader.missing }).join('\n'))
  return EXIT_CODES.ok
}

interface Parts {
  readonly scope: ReportScope
  readonly reference: string | undefined
  readonly archive: ReportArchive
  readonly reader: ReportReader
}

async function addNodes(
  session: Session,
  cluster: Cluster,
  { scope, reference, archive, reader }: Parts,
): Promise<void> {
  const { io } = session
  io.progress('status and manifests', 'reading status and manifests')
  const status = await reader.read('status', statusView(session, reference))
  if (status) archive.add('status.txt', `${safeText(status.lines.join('\n'), false)}\n`)
  const { objects, pods } = await readObjects(cluster, scope, reader)
  for (const each of objects) archive.add(`manifests/${manifestPath(each)}`, manifest(each))
  const { namespace, signal } = scope
  const told = await reader.read('events', cluster.client.list(events, { namespace, signal }))
  if (told) archive.add('events.txt', eventTable(told.items, objects))
  io.progress('logs', `reading the logs of ${pods.length} pods`)
  await addLogs(cluster, pods, { archive, directory: 'logs', reader, signal })
}

async function versions(
  cluster: Cluster,
  places: readonly string[],
  reader: ReportReader,
  signal: AbortSignal,
): Promise<string> {
  const call = { verb: 'get', resource: version, path: '/version', signal } as const
  const kubernetes = await reader.read('version of Kubernetes', cluster.transport.json<unknown>(call))
  const operator = await reader.read('version of the operator', readOperatorVersion(cluster, places))
  const plugin = { version: VERSION, node: process.version, platform: `${process.platform}/${process.arch}` }
  return stringify({ plugin, operator, kubernetes })
}
