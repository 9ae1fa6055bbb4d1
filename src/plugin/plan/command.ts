/** `kubectl sei plan`: what would follow from manifests, without a change of anything; `runPlan`. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { stringify } from 'yaml'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import { VERSION } from '../../cli/version.ts'
import { messageOf } from '../../kube/http-error.ts'
import type { Cluster } from '../cluster/connect.ts'
import { operatorWarning, readOperator } from '../cluster/operator.ts'
import { type ExitCode, PLAN_EXIT_CODES, PluginError } from '../exit-code.ts'
import { explain } from '../explain.ts'
import type { Session } from '../session.ts'
import type { OutputFormat } from '../status/command.ts'
import { admit } from './admission.ts'
import { parseManifests, type SeiManifest } from './manifests.ts'
import { predict, type Wanted } from './predict.ts'
import { renderReport, summaryOf } from './render.ts'
import { type Key, outcomeOf, refusalOf, type Report, reportOf } from './report.ts'
import { type OperatorSettings, readOperatorSettings } from './settings.ts'
import { readSnapshot } from './snapshot.ts'
import { unknownOf } from './unknown.ts'

export interface PlanOptions {
  readonly filename: string
  readonly fieldManager: string
  readonly output?: OutputFormat
}

/** Never rejects for what ends the program: its exit codes are its own. */
export async function runPlan(session: Session, options: PlanOptions): Promise<ExitCode> {
  const { io } = session
  try {
    return await plan(session, options)
  } catch (error) {
    if (io.signal.aborted) throw error
    io.note(`error: ${explain(error, session.source)}`)
    return PLAN_EXIT_CODES.failed
  }
}

async function plan(session: Session, { filename, fieldManager, output }: PlanOptions): Promise<ExitCode> {
  const { io } = session
  const cluster = await session.connect()
  const manifestText = await readManifests(filename)
  const { manifests, skipped } = parseManifests(manifestText, filename, await session.namespace())
  for (const each of skipped) io.note(`skipped: ${each}`)
  if (manifests.length === 0) throw new PluginError(`${filename}: there is no SeiNode or SeiNodePool in it`)
  const places = await session.operatorNamespaces()
  const settings = await readOperatorSettings(cluster.client, places)
  const warning = operatorWarning(await readOperator(cluster.client, places), io.now())
  if (warning !== undefined) io.note(warning)
  const namespaces = [...new Set(manifests.map(({ manifest }) => manifest.metadata.namespace))]
  const reports: Report[] = []
  for (const namespace of namespaces) {
    const members = manifests.filter(({ manifest }) => manifest.metadata.namespace === namespace)
    reports.push(...(await planOf(cluster, namespace, members, settings, fieldManager, io.signal)))
  }
  const data = { plugin: VERSION, operator: settings.version ?? null, skipped, items: reports }
  if (output === 'json') io.print(JSON.stringify(data, null, 2))
  else if (output === 'yaml') io.print(stringify(data, { aliasDuplicateObjects: false }).trimEnd())
  else {
    const parts = reports.map(report => renderReport(report, io.style).join('\n'))
    io.print([...parts, summaryOf(reports)].join('\n\n'))
  }
  return PLAN_EXIT_CODES[outcomeOf(reports)]
}

async function readManifests(filename: string): Promise<string> {
  if (filename === '-') return text(process.stdin)
  try {
    return await readFile(filename, 'utf8')
  } catch (error) {
    throw new PluginError(`the manifests cannot be read: ${messageOf(error)}`)
  }
}

/** @param manifests of that namespace */
async function planOf(
  { client, transport }: Cluster,
  namespace: string,
  manifests: readonly SeiManifest[],
  settings: OperatorSettings,
  fieldManager: string,
  signal: AbortSignal,
): Promise<readonly Report[]> {
  const common = { newID: randomUUID, now: Date.now() }
  const snapshot = await readSnapshot(
    client,
    namespace,
    settings.namespace,
    { newID: common.newID, now: () => common.now },
    signal,
  )
  const stored = snapshot.copy()
  const answers = await Promise.all(
    manifests.map(async ({ kind, manifest }): Promise<Wanted | Report> => {
      const key = { kind, namespace, name: manifest.metadata.name }
      const how = { fieldManager, signal }
      const live = stored.get<{ metadata?: { deletionTimestamp?: string } }>(
        kind === 'SeiNode' ? seiNodes : seiNodePools,
        key,
      )
      if (live?.metadata?.deletionTimestamp !== undefined)
        return refusalOf(key, 'it is being deleted: wait until it is gone, then it can be created again')
      if (kind === 'SeiNode') {
        const answer = await admit(transport, seiNodes, manifest, stored.get(seiNodes, key), how)
        return answer.kind === 'refused' ? refusalOf(key, answer.message) : { kind, object: answer.object }
      }
      const answer = await admit(transport, seiNodePools, manifest, stored.get(seiNodePools, key), how)
      return answer.kind === 'refused' ? refusalOf(key, answer.message) : { kind, object: answer.object }
    }),
  )
  const wanted = answers.filter(answer => 'object' in answer)
  const predictions = await predict(wanted, snapshot, {
    platform: settings.platform,
    operatorNamespace: settings.namespace,
    newID: common.newID,
    now: common.now,
    signal,
  })
  const blind = {
    mayReadClasses: snapshot.mayReadClasses,
    mayReadLeases: snapshot.mayReadLeases,
    settings: [...settings.unknown, ...unwatched(namespace, settings)],
  }
  return answers.map(answer => {
    if (!('object' in answer)) return answer
    const prediction = predictions[wanted.indexOf(answer)]
    const key: Key = { kind: answer.kind, namespace, name: answer.object.metadata.name }
    if (!prediction) throw new Error(`${key.kind} ${namespace}/${key.name} has no prediction`)
    return reportOf(key, prediction, unknownOf(answer, prediction, blind))
  })
}

function unwatched(namespace: string, { watched }: OperatorSettings): readonly string[] {
  if (watched.length === 0 || watched.includes(namespace)) return []
  return [
    `who would act on it: the operator watches only ${watched.join(', ')}, and nothing of this follows in namespace ${namespace}`,
  ]
}
