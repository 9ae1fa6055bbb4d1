/** What a report has of the operator: settings, Lease, Deployment, pods, logs and metrics; `addOperator`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { FIELD_MANAGER, LEASE_NAME, SETTINGS_CONFIG_MAP } from '../../api/names.ts'
import { exchange } from '../../kube/exchange.ts'
import { configMaps, deployments, events, leases, pods as podResource } from '../../kube/resources.ts'
import type { Cluster } from '../cluster/connect.ts'
import { portForwardAgent } from '../cluster/port-forward.ts'
import { eventTable, manifest, manifestPath } from './documents.ts'
import type { ReportObject } from './objects.ts'
import { addLogs, type LogTarget } from './pod-logs.ts'

/** On the Deployment and its pods, however it was installed. */
const labelSelector = `app.kubernetes.io/name=${FIELD_MANAGER}`
const METRICS_PORT = 'metrics'
const METRICS_TIMEOUT_MS = 15_000
const MAX_METRICS_BYTES = 64 * 1024 * 1024

/**
 * Each namespace has a directory: an operator that moved may have left objects of the same names.
 * @param places namespaces where the operator may be
 */
export async function addOperator(cluster: Cluster, places: readonly string[], target: LogTarget): Promise<void> {
  const found = await Promise.all(places.map(namespace => readOperatorIn(cluster, namespace, target)))
  if (found.every(({ objects }) => objects.length === 0))
    target.reader.note(
      `the operator: there is none in namespace ${places.join(' or ')}, or you may not read it. Name its namespace with --operator-namespace`,
    )
  for (const { namespace, objects, pods, told } of found) {
    const part = { ...target, directory: `${target.directory}/${namespace}` }
    const { archive, directory } = part
    for (const each of objects) archive.add(`${directory}/manifests/${manifestPath(each)}`, manifest(each))
    if (objects.length > 0) archive.add(`${directory}/events.txt`, eventTable(told, objects))
    await addLogs(cluster, pods, { ...part, directory: `${directory}/logs` })
    for (const pod of pods) await addMetrics(cluster, pod, part)
  }
}

async function readOperatorIn({ client }: Cluster, namespace: string, { reader, signal }: LogTarget) {
  const options = { namespace, labelSelector, signal }
  const place = `in namespace ${namespace}`
  const [settings, lease, installed, pods, told] = await Promise.all([
    reader.read(
      `ConfigMap ${SETTINGS_CONFIG_MAP}`,
      client.get(configMaps, { namespace, name: SETTINGS_CONFIG_MAP }, { signal }),
    ),
    reader.read(`Lease ${LEASE_NAME}`, client.get(leases, { namespace, name: LEASE_NAME }, { signal })),
    reader.read(`Deployment of the operator ${place}`, client.list(deployments, options)),
    reader.read(`pods of the operator ${place}`, client.list(podResource, options)),
    reader.read(`events of the operator ${place}`, client.list(events, { namespace, signal })),
  ])
  const objects: readonly ReportObject[] = [
    ...(settings ? [{ resource: configMaps, object: settings }] : []),
    ...(lease ? [{ resource: leases, object: lease }] : []),
    ...(installed?.items ?? []).map(object => ({ resource: deployments, object })),
    ...(pods?.items ?? []).map(object => ({ resource: podResource, object })),
  ]
  return { namespace, objects, pods: pods?.items ?? [], told: told?.items ?? [] }
}

async function addMetrics(
  cluster: Cluster,
  pod: Pod,
  { archive, directory, reader, signal }: LogTarget,
): Promise<void> {
  const name = pod.metadata?.name ?? ''
  const text = await reader.read(`metrics of pod ${name}`, readMetrics(cluster, pod, signal))
  if (text !== undefined) archive.add(`${directory}/metrics/${name}.txt`, text)
}

/** By plain HTTP. By HTTPS they need a token, and the user's own is not for a server that nobody has verified. */
async function readMetrics({ config }: Cluster, pod: Pod, signal: AbortSignal): Promise<string> {
  const { name = '', namespace = '' } = pod.metadata ?? {}
  const ports = pod.spec?.containers.flatMap(container => container.ports ?? [])
  const port = ports?.find(each => each.name === METRICS_PORT)?.containerPort
  if (port === undefined) throw new Error(`the pod has no port ${METRICS_PORT}`)
  const args = pod.spec?.containers.flatMap(container => container.args ?? [])
  if (args?.includes('--metrics-secure=false') !== true)
    throw new Error(
      'they are served by HTTPS and need a token, which the plugin does not send: docs/install.md says how',
    )
  const agent = portForwardAgent(config, { namespace, name }, port)
  try {
    const { status, text } = await exchange(
      agent,
      { isSecure: false, host: 'localhost', port },
      {
        method: 'GET',
        path: '/metrics',
        headers: {},
        timeoutMs: METRICS_TIMEOUT_MS,
        maxBodyBytes: MAX_METRICS_BYTES,
        signal,
      },
    )
    if (status !== 200) throw new Error(`HTTP ${status}`)
    return text
  } finally {
    agent.destroy()
  }
}
