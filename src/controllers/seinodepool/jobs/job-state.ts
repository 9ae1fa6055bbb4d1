/** How far a pool's Job is, from the Job and its pods: `jobState` (pure); why no container of it starts: `startProblem`. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { POOL_JOB_LABEL } from '../../../api/names.ts'
import { GENESIS_STEPS, REPORT_STEP } from '../../../build/pool/genesis-job.ts'
import { REFUSED_EXIT_CODE } from '../../../build/pool/job.ts'
import { PREP_STEP } from '../../../build/pool/prep-job.ts'
import { unended } from '../../../lib/unended.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { type EventReader, lacksPriorityClass, lastWarning, type Warning } from '../../shared/pods/last-warning.ts'
import { CAPACITY_MS, podProblem, type SpecFields, unschedulableSince } from '../../shared/pods/pod-problem.ts'
import { containerStatus } from '../../shared/pods/pod-state.ts'

export type JobState =
  /** `step`: the container that runs. `since`: RFC 3339. */
  | { readonly kind: 'running'; readonly step: string; readonly since?: string | undefined }
  /** None of its containers runs. `pod`: absent where it has none. `since`: RFC 3339. */
  | { readonly kind: 'starting'; readonly pod?: Readonly<Pod> | undefined; readonly since: string }
  /** Its pod does not come up, or does not end. */
  | { readonly kind: 'stuck'; readonly message: string }
  /** `refused`: the step said that no repetition helps. */
  | { readonly kind: 'failed'; readonly refused: boolean; readonly message: string }
  /** `report`: what the container left as its termination message, which may be empty; absent where its pod is gone. */
  | { readonly kind: 'complete'; readonly report?: string | undefined; readonly at?: string | undefined }
  /** It is being deleted, and is made again when it is gone. */
  | { readonly kind: 'going' }

/** The containers of Jobs; admission may add others to their pods, at any place. */
const STEPS: ReadonlySet<string> = new Set([...GENESIS_STEPS, PREP_STEP])

const IMAGE = 'spec.nodeConfiguration.image'

const POOL_FIELDS: SpecFields = {
  entrypoint: IMAGE,
  scheduling: 'spec.nodeConfiguration.scheduling',
  images: {
    ...Object.fromEntries([...STEPS].map(step => [step, IMAGE])),
    'patch-genesis': "SEI_OPERATOR_IMAGE, the operator's own image, or the pull secrets of the pods' ServiceAccount",
  },
}

/** From the end of the last step until a container that runs on is taken to stay. Milliseconds. */
const LINGER_GRACE_MS = 10_000

/** From the end of a deleted pod's grace period until its machine is taken to be lost. Milliseconds. */
const LOST_AFTER_MS = 30_000

/**
 * @param pods those that the Job made, in any order
 * @param now milliseconds since the epoch
 */
export function jobState(job: Readonly<Job>, pods: readonly Readonly<Pod>[], now: number): JobState {
  if (isTerminating(job)) return goingState(pods, now)
  const newestFirst = pods.toSorted((a, b) => createdAt(b).localeCompare(createdAt(a)))
  const conditions = job.status?.conditions ?? []
  if (conditions.some(({ type, status }) => type === 'Complete' && status === 'True')) {
    const done = newestFirst.find(pod => pod.status?.phase === 'Succeeded')
    const report = done && (containerStatus(done, REPORT_STEP)?.state?.terminated?.message ?? '')
    return { kind: 'complete', report, at: job.status?.completionTime }
  }
  const failed = conditions.find(({ type, status }) => type === 'Failed' && status === 'True')
  if (failed) return failure(job, failed.message ?? failed.reason ?? 'it failed', newestFirst)

  const pod = newestFirst.find(({ status }) => status?.phase !== 'Failed')
  if (!pod) {
    const [last] = newestFirst
    return { kind: 'starting', since: last ? createdAt(last) : (job.metadata?.creationTimestamp ?? '') }
  }
  const problem = podProblem(pod, now, POOL_FIELDS)
  const isAwaited = problem?.reason === 'Unschedulable' && now - (unschedulableSince(pod) ?? 0) < CAPACITY_MS
  if (isAwaited) return { kind: 'starting', pod, since: new Date(now).toISOString() }
  if (problem) return { kind: 'stuck', message: problem.message }
  return lost([pod], now) ?? lingering(pod, now) ?? progress(pod)
}

/** Of a Job that goes after its pods, as `jobState`. */
export function goingState(pods: readonly Readonly<Pod>[], now: number): JobState {
  return lost(pods, now) ?? { kind: 'going' }
}

function progress(pod: Readonly<Pod>): JobState {
  const steps = stepsOf(pod)
  const current = steps.find(({ state }) => state?.running !== undefined)
  if (current) return { kind: 'running', step: current.name, since: current.state?.running?.startedAt }
  return { kind: 'starting', pod, since: lastEnd(steps) ?? scheduledAt(pod) ?? createdAt(pod) }
}

/** A pod ends when all of its containers have, and admission may have added one that never does. */
function lingering(pod: Readonly<Pod>, now: number): JobState | undefined {
  const steps = stepsOf(pod)
  if (!steps.every(({ state }) => state?.terminated !== undefined)) return undefined
  const end = lastEnd(steps)
  const { namespace, name } = pod.metadata ?? {}
  const other = pod.status?.containerStatuses?.find(status => !STEPS.has(status.name) && status.state?.running)
  if (!other || end === undefined || now - Date.parse(end) < LINGER_GRACE_MS) return undefined
  const job = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.name
  return {
    kind: 'stuck',
    message: `its own containers ended at ${end}, and container ${other.name}, which admission added to pod ${name}, still runs and prevents the Job from completing. Configure the injector to add it as a native sidecar (an init container with restartPolicy Always), or exempt pods with the label ${POOL_JOB_LABEL} from the injection. Then run: kubectl delete job -n ${namespace} ${job}`,
  }
}

/** A pod that was deleted and does not end: only a person knows what became of its machine. */
function lost(pods: readonly Readonly<Pod>[], now: number): JobState | undefined {
  const pod = pods.find(
    ({ metadata, spec, status }) =>
      spec?.nodeName !== undefined &&
      status?.phase !== 'Succeeded' &&
      status?.phase !== 'Failed' &&
      now - Date.parse(metadata?.deletionTimestamp ?? '') >= LOST_AFTER_MS,
  )
  if (!pod) return undefined
  const { namespace, name } = pod.metadata ?? {}
  return {
    kind: 'stuck',
    message: `pod ${name} was deleted, and the kubelet of machine ${pod.spec?.nodeName} has not reported that it ended. Make sure that the machine is powered off. Then run: kubectl delete pod -n ${namespace} ${name} --force --grace-period=0`,
  }
}

function failure(job: Readonly<Job>, said: string, pods: readonly Readonly<Pod>[]): JobState {
  const statuses = pods.flatMap(pod => [...stepsOf(pod), ...statusesOf(pod).filter(({ name }) => !STEPS.has(name))])
  const ended = statuses.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0)
  const terminated = ended?.state?.terminated
  if (!ended || !terminated) {
    return { kind: 'failed', refused: false, message: `Job ${job.metadata?.name} failed: ${said}` }
  }
  const isStep = STEPS.has(ended.name)
  const end = terminated.message?.trim()
  const words = end ? `: ${end}` : ''
  const place = isStep ? `step ${ended.name}` : `container ${ended.name}, which admission added to its pod`
  return {
    kind: 'failed',
    refused: isStep && terminated.exitCode === REFUSED_EXIT_CODE,
    message: `Job ${job.metadata?.name} failed at ${place}, exit code ${terminated.exitCode}${words}`,
  }
}

function stepsOf(pod: Readonly<Pod>): readonly ContainerStatus[] {
  return statusesOf(pod).filter(({ name }) => STEPS.has(name))
}

function statusesOf({ status }: Readonly<Pod>): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
}

function lastEnd(statuses: readonly ContainerStatus[]): string | undefined {
  return statuses
    .flatMap(({ state }) => state?.terminated?.finishedAt ?? [])
    .toSorted()
    .at(-1)
}

function scheduledAt({ status }: Readonly<Pod>): string | undefined {
  return status?.conditions?.find(condition => condition.type === 'PodScheduled' && condition.status === 'True')
    ?.lastTransitionTime
}

function createdAt(pod: Readonly<Pod>): string {
  return pod.metadata?.creationTimestamp ?? ''
}

type Starting = Extract<JobState, { kind: 'starting' }>

/** The Job controller creates a pod at once. Milliseconds. */
const POD_GRACE_MS = 5_000

/** Volumes are attached and images pulled meanwhile; the first attempt of either may fail. Milliseconds. */
const START_GRACE_MS = 30_000

/** A large image from a slow registry takes minutes, and no event warns of that. Milliseconds. */
const START_DEADLINE_MS = 300_000

/**
 * Reads events only once the Job has waited for longer than usual.
 * @param now milliseconds since the epoch
 * @returns undefined while nothing speaks against waiting
 */
export async function startProblem(
  client: EventReader,
  job: Readonly<Job>,
  starting: Starting,
  now: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { pod, since } = starting
  const sinceMs = Date.parse(since)
  if (now - sinceMs < (pod ? START_GRACE_MS : POD_GRACE_MS)) return undefined
  const found = await lastWarning(client, pod ?? job, signal)
  // What was said before speaks of an earlier attempt, or of a machine that was found since.
  const warning = found && found.at >= sinceMs ? found : undefined
  if (!warning && now - sinceMs < START_DEADLINE_MS) return undefined
  return pod ? podMessage(starting, warning) : jobMessage(job, since, warning)
}

function jobMessage({ metadata }: Readonly<Job>, since: string, warning: Warning | undefined): string {
  if (!warning) {
    return `it has had no pod since ${since}, and the operator can read no event that gives the reason. For details, run: kubectl describe job -n ${metadata?.namespace} ${metadata?.name}`
  }
  if (lacksPriorityClass(warning)) {
    return `its pod cannot be created (${warningText(warning)}). Create the PriorityClass, or correct ${POOL_FIELDS.scheduling}.priorityClassName (SEI_PRIORITY_CLASS where that is absent). The Job retries automatically`
  }
  return `its pod cannot be created (${warningText(warning)}). Create the object that is missing, set spec.jobs.resources where a quota or a LimitRange asks for it, or exempt pods with the label ${POOL_JOB_LABEL} from the policy or webhook. The Job retries automatically`
}

function podMessage({ pod, since }: Starting, warning: Warning | undefined): string {
  const { namespace, name } = pod?.metadata ?? {}
  const words = warning ? ` (${warningText(warning)})` : '; the operator can read no event that gives the reason'
  return `no container of pod ${name} has run since ${since}${words}. Correct the cause. For details, run: kubectl describe pod -n ${namespace} ${name}`
}

function warningText({ reason, message }: Warning): string {
  return `${reason}: ${unended(message)}`
}
