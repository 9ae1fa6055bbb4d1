/** Logs of pods for a report, of all their containers and of the start before: `addLogs`. */
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { pods as podResource } from '../../kube/resources.ts'
import { resourcePath } from '../../kube/resource-path.ts'
import { inParallel } from '../../peers/in-parallel.ts'
import type { Cluster } from '../cluster/connect.ts'
import type { ReportArchive } from './archive.ts'
import type { ReportReader } from './reader.ts'

const AT_ONCE = 4
const MAX_BYTES = 5 * 1024 * 1024
/** Keeps the kubelet from sending much more than is kept. */
const MAX_LINES = 50_000
const TIMEOUT_MS = 60_000

interface LogSource {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly previous: boolean
}

export interface LogTarget {
  readonly archive: ReportArchive
  /** In the archive, where each pod has a directory. */
  readonly directory: string
  readonly reader: ReportReader
  readonly signal: AbortSignal
}

export async function addLogs(
  cluster: Cluster,
  pods: readonly Pod[],
  { archive, directory, reader, signal }: LogTarget,
): Promise<void> {
  await inParallel(pods.flatMap(sourcesOf), AT_ONCE, async source => {
    const { pod, container, previous } = source
    const start = previous ? 'previous log' : 'log'
    const text = await reader.read(`${start} of ${container} of pod ${pod}`, readLog(cluster, source, signal))
    if (text !== undefined) archive.add(`${directory}/${pod}/${container}${previous ? '.previous' : ''}.log`, text)
  })
}

function sourcesOf({ metadata, status }: Pod): readonly LogSource[] {
  const { namespace = '', name: pod = '' } = metadata ?? {}
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {}
  return [...initContainerStatuses, ...containerStatuses].flatMap(container =>
    startsOf(container).map(previous => ({ namespace, pod, container: container.name, previous })),
  )
}

/** Whether there is a log of the present start (false) and of the one before (true). */
function startsOf({ state, lastState }: ContainerStatus): readonly boolean[] {
  return [...((state?.running ?? state?.terminated) ? [false] : []), ...(lastState?.terminated ? [true] : [])]
}

async function readLog(
  { transport }: Cluster,
  { namespace, pod: name, container, previous }: LogSource,
  signal: AbortSignal,
): Promise<string> {
  const query = { container, previous: previous || undefined, tailLines: MAX_LINES }
  const stream = await transport.stream({
    verb: 'get',
    resource: podResource,
    namespace,
    name,
    path: resourcePath(podResource, { namespace, name, subresource: 'log' }, query),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  })
  let kept: Buffer[] = []
  let bytes = 0
  let isCut = false
  for await (const chunk of stream) {
    kept.push(chunk)
    bytes += chunk.length
    // Now and then, so that each byte is copied a few times at most.
    if (bytes < 2 * MAX_BYTES) continue
    kept = [Buffer.concat(kept).subarray(-MAX_BYTES)]
    bytes = MAX_BYTES
    isCut = true
  }
  return lastPart(Buffer.concat(kept), isCut)
}

/** Whole lines: the rest of a line may be the rest of a secret. */
export function lastPart(log: Buffer, isCut: boolean, maxBytes = MAX_BYTES): string {
  if (!isCut && log.length <= maxBytes) return log.toString()
  const [, ...lines] = log.subarray(-maxBytes).toString().split('\n')
  return ['(earlier lines are left out)', ...lines].join('\n')
}
