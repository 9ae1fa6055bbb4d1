/** How a node's seid ended last, and what it said of upgrades: `seidEnd`, `readReport`. */
import type { ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.d.ts'
import { SEID_CONTAINER } from '../../../api/names.ts'
import type { CallOptions, LogOptions } from '../../../kube/client.ts'
import { ApiError, TransportError } from '../../../kube/errors.ts'
import { pods } from '../../../kube/resources.ts'
import type { ObjectKey, Resource } from '../../../kube/types.ts'
import { type UpgradeReport, upgradeReport } from '../../../plan/upgrade-report.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { containerStatus } from '../../shared/pods/pod-state.ts'

export interface SeidEnd {
  readonly containerID: string
  readonly message: string
  /** The container has been started again, or waits for that. */
  readonly isPrevious: boolean
  /** It runs again. */
  readonly isRunning: boolean
  readonly restarts: number
  readonly exitCode: number
}

/** What is known of the end with this container id. */
export interface KnownEnd {
  readonly containerID: string
  readonly report: UpgradeReport | undefined
}

/** What reading a log needs of a `KubeClient`. */
export interface LogReader {
  log(pod: ObjectKey, options: LogOptions): Promise<string>
  get(resource: Resource<Pod>, key: ObjectKey, options: CallOptions): Promise<Pod | undefined>
}

/** Enough for the trace that follows what seid says: 120 lines, of which one has 9 KB. */
const LOG = { tailLines: 400, limitBytes: 1024 * 1024 }

/** Undefined for one that never ended, or ended by a signal, a lack of memory or with success. */
export function seidEnd(pod: Readonly<Pod> | undefined): SeidEnd | undefined {
  if (!pod || isTerminating(pod)) return undefined
  const { state, lastState, restartCount = 0 } = containerStatus(pod, SEID_CONTAINER) ?? {}
  const end = state?.terminated ?? lastState?.terminated
  if (!end || !isFailure(end)) return undefined
  const { containerID = `${pod.metadata?.uid}/${restartCount}`, message = '' } = end
  return {
    containerID,
    message,
    isPrevious: state?.terminated === undefined,
    isRunning: state?.running !== undefined,
    restarts: restartCount,
    exitCode: end.exitCode,
  }
}

function isFailure({ exitCode, reason }: ContainerStateTerminated): boolean {
  return exitCode > 0 && exitCode <= 128 && reason !== 'OOMKilled'
}

/**
 * What it said, by its termination message, else by its log, which is read once: the trace of a panic pushes the line out of
 * the message. Undefined if neither has it, or the log cannot be read.
 * @param known what was found before
 */
export async function readReport(
  pod: Readonly<Pod>,
  end: SeidEnd,
  known: KnownEnd | undefined,
  client: LogReader,
  signal: AbortSignal,
): Promise<KnownEnd | undefined> {
  if (known?.containerID === end.containerID) return known
  const { containerID } = end
  const said = upgradeReport(end.message)
  if (said) return { containerID, report: said }
  const { namespace = '', name = '', uid } = pod.metadata ?? {}
  const key = { namespace, name }
  try {
    const options = { container: SEID_CONTAINER, previous: end.isPrevious, ...LOG, signal }
    const text = await client.log(key, options)
    // By now the name may be another pod's, and the log that of a later run.
    const read = await client.get(pods, key, { signal })
    const isSame = read?.metadata?.uid === uid && seidEnd(read)?.containerID === containerID
    return isSame ? { containerID, report: upgradeReport(text) } : undefined
  } catch (error) {
    if (signal.aborted || !(error instanceof ApiError || error instanceof TransportError)) throw error
    return undefined
  }
}
