/** Why a pod, a node's or a Job's, does not come up, and what to do: `podProblem`; since when it makes no progress: `waitingSince`. Pure. */
import type { ContainerStateTerminated, ContainerStatus, Pod, PodCondition } from 'kubernetes-types/core/v1.d.ts'
import type { NodeReason } from '../../../api/conditions.ts'
import { INIT_CONTAINER, SEID_CONTAINER, SIDECAR_CONTAINER } from '../../../api/names.ts'
import { unended } from '../../../lib/unended.ts'
import { isTerminating } from '../deletion.ts'
import { containerStatus } from './pod-state.ts'

export interface PodProblem {
  readonly reason: Extract<
    NodeReason<'Reconciling'>,
    'Unschedulable' | 'ImagePullFailed' | 'ContainerConfigError' | 'CrashLooping' | 'InitFailed'
  >
  readonly message: string
}

/** Where in its owner's spec that is said which a pod may be stuck on. */
export interface SpecFields {
  readonly entrypoint: string
  /** Where the image of each of its containers is said, by the container's name; admission may add others to its pod. */
  readonly images: Readonly<Record<string, string>>
  /** Where the variables of a container are said that may come from Secrets, by the container's name. */
  readonly environment?: Readonly<Record<string, string>>
  /** Absent: what the pod asks for is not the spec's to say. */
  readonly resources?: string
  /** Where it is said on which machines the pod may run. */
  readonly scheduling: string
}

const NODE_FIELDS: SpecFields = {
  entrypoint: 'spec.entrypoint',
  images: {
    [INIT_CONTAINER]: 'spec.image',
    [SIDECAR_CONTAINER]: 'spec.sidecar.image',
    [SEID_CONTAINER]: 'spec.image',
  },
  environment: { [SIDECAR_CONTAINER]: 'spec.sidecar.env', [SEID_CONTAINER]: 'spec.env' },
  resources: 'spec.resources',
  scheduling: 'spec.scheduling',
}

/** New cluster nodes take about this long to come; until then a pod that fits on none is no problem. Milliseconds. */
export const UNSCHEDULABLE_GRACE_MS = 10_000

/** After this, no new cluster node is expected any more: a person has to see why. Milliseconds. */
export const CAPACITY_MS = 300_000

/**
 * The first thing that holds the pod up; undefined where it is only under way.
 * @param now milliseconds since the epoch
 */
export function podProblem(pod: Pod, now: number, fields = NODE_FIELDS): PodProblem | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  const statuses = [...initContainerStatuses, ...containerStatuses]
  return unschedulable(pod, now, fields) ?? firstOf(statuses, status => containerProblem(pod, status, fields))
}

function firstOf(
  statuses: readonly ContainerStatus[],
  find: (status: ContainerStatus) => PodProblem | undefined,
): PodProblem | undefined {
  for (const status of statuses) {
    const found = find(status)
    if (found) return found
  }
  return undefined
}

/** Since when the scheduler finds no cluster node for the pod, milliseconds since the epoch. */
export function unschedulableSince(pod: Pod): number | undefined {
  const scheduled = schedulingOf(pod)
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined
  return Date.parse(scheduled.lastTransitionTime ?? pod.metadata?.creationTimestamp ?? '')
}

/** The scheduler's words for a volume that is not reachable from a machine, of newer and older releases. */
const VOLUME_ELSEWHERE = /PersistentVolume's node affinity|volume node affinity conflict/

function unschedulable(pod: Pod, now: number, fields: SpecFields): PodProblem | undefined {
  const since = unschedulableSince(pod)
  if (since === undefined || now - since < UNSCHEDULABLE_GRACE_MS) return undefined
  const said = unended(schedulingOf(pod)?.message ?? 'the scheduler gave no reason')
  const message = `pod ${pod.metadata?.name} does not fit on any cluster node: ${said}`
  const spread = said.includes('topology spread constraints') ? requiredSpread(pod) : []
  const constraints = `${fields.scheduling}.topologySpreadConstraints (${spread.join(', ')})`
  // Such a pod waits for good, whatever machines are started.
  if (spread.length > 0 && VOLUME_ELSEWHERE.test(said)) {
    const remedy = `Remove it, or set whenUnsatisfiable: ScheduleAnyway`
    return {
      reason: 'Unschedulable',
      message: `${message}. Its volume cannot move, and ${constraints} may not let the pod run where the volume is. ${remedy}`,
    }
  }
  const lower = fields.resources === undefined ? [] : [`lower ${fields.resources}`]
  const relax = isConstrained(pod) ? [`relax ${spread.length > 0 ? constraints : fields.scheduling}`] : []
  const remedies = ['Raise the limits of the Karpenter NodePool', ...lower, ...relax]
  return { reason: 'Unschedulable', message: `${message}. ${choiceOf(remedies)}` }
}

/** By what a pod has to be spread. */
function requiredSpread({ spec }: Pod): readonly string[] {
  const required = (spec?.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  )
  return required.map(({ topologyKey }) => topologyKey)
}

/** Beyond the NodePool, which every pod requires. */
function isConstrained({ spec = { containers: [] } }: Pod): boolean {
  const { nodeSelectorTerms: terms = [] } =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? {}
  return (
    spec.nodeSelector !== undefined ||
    terms.some(({ matchExpressions = [] }) => matchExpressions.length > 1) ||
    requiredSpread({ spec }).length > 0
  )
}

function choiceOf(words: readonly string[]): string {
  const [first = '', second, ...others] = words
  if (second === undefined) return first
  return others.length === 0 ? `${first} or ${second}` : `${words.slice(0, -1).join(', ')}, or ${words.at(-1)}`
}

function schedulingOf(pod: Pod): PodCondition | undefined {
  return pod.status?.conditions?.find(condition => condition.type === 'PodScheduled')
}

/** Why a container waits whose image cannot be pulled. */
export const IMAGE_REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
])

const CONFIG_REASONS: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])

/** What says the image of a container that is not the operator's. */
const WEBHOOK = 'the policy or webhook that adds it to the pod'

function containerProblem(pod: Pod, status: ContainerStatus, fields: SpecFields): PodProblem | undefined {
  const waiting = status.state?.waiting
  const reason = waiting?.reason ?? ''
  const said = waiting?.message === undefined ? reason : `${reason}: ${waiting.message}`
  const field = fields.images[status.name]
  if (IMAGE_REASONS.has(reason)) {
    return {
      reason: 'ImagePullFailed',
      message: `image ${status.image} of container ${status.name} cannot be pulled (${said}). Correct ${field ?? WEBHOOK}, or the access to the registry`,
    }
  }
  if (CONFIG_REASONS.has(reason)) {
    return {
      reason: 'ContainerConfigError',
      message: `container ${status.name} cannot be created (${said}). Correct ${field === undefined ? WEBHOOK : choiceOf([...secretsOf(pod, status, fields), fields.entrypoint, field])}`,
    }
  }
  return reason === 'CrashLoopBackOff' ? crashLoop(pod, status) : undefined
}

/** Where the container's variables are said, if a Secret that may be missing is among them. */
function secretsOf({ spec }: Pod, { name }: ContainerStatus, { environment }: SpecFields): readonly string[] {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const isUsed = all.some(each => each.name === name && each.env?.some(({ valueFrom }) => valueFrom !== undefined))
  const field = environment?.[name]
  return isUsed && field !== undefined ? [`the Secret or ${field}`] : []
}

function crashLoop(pod: Pod, { name, lastState, restartCount }: ContainerStatus): PodProblem {
  const last = lastState?.terminated
  const exit = last ? `, last ${endOf(last)}` : ''
  const log = `kubectl logs -n ${pod.metadata?.namespace} ${pod.metadata?.name} -c ${name} --previous`
  const memory = last?.reason === 'OOMKilled' ? `Raise the memory limit of container ${name}. ` : ''
  return {
    reason: name === INIT_CONTAINER ? 'InitFailed' : 'CrashLooping',
    message: `container ${name} is in a crash loop (${restartCount} restarts${exit}). ${memory}Read its log: ${log}`,
  }
}

/** How a container ended, in words that follow "last". */
function endOf({ exitCode, reason, signal, message }: ContainerStateTerminated): string {
  const words = message ? `: ${message.trim()}` : ''
  if (reason === 'OOMKilled') return `killed because it exceeded its memory limit (OOMKilled)${words}`
  // A shell's and the kubelet's way to tell a signal.
  const number = signal ?? (exitCode > 128 && exitCode < 160 ? exitCode - 128 : undefined)
  return number === undefined
    ? `with exit code ${exitCode}${words}`
    : `with exit code ${exitCode}, by signal ${number}${words}`
}

/** Whether the pod's sidecar, not seid, is what stops again and again. */
export function isSidecarCrashLooping(pod: Pod): boolean {
  return (
    pod.status?.initContainerStatuses?.some(
      ({ name, state }) => name === SIDECAR_CONTAINER && state?.waiting?.reason === 'CrashLoopBackOff',
    ) === true
  )
}

/** The controller of StatefulSets has looked at its own for so long, and has not made the pod: something refuses it. Milliseconds. */
export const POD_OVERDUE_MS = 10_000

/** A kubelet that cannot mount a volume says so after two minutes. Milliseconds. */
export const POD_STUCK_MS = 180_000

/**
 * Milliseconds since the epoch, by the clocks of the API server and the kubelet. Undefined for a pod whose seid runs, or whose
 * sidecar runs and holds seid back, which is asked, and for one that says itself what is wrong (`podProblem`).
 */
export function waitingSince(pod: Readonly<Pod>): number | undefined {
  const { creationTimestamp, deletionTimestamp } = pod.metadata ?? {}
  // The moment at which its grace ends.
  if (isTerminating(pod)) return Date.parse(deletionTimestamp ?? '')
  if (saysWhy(pod)) return undefined
  const sidecar = containerStatus(pod, SIDECAR_CONTAINER)
  const seid = containerStatus(pod, SEID_CONTAINER)
  if (sidecar?.state?.running) {
    const isGated = sidecar.started !== true
    return isGated || seid?.state?.running || seid?.state?.terminated
      ? undefined
      : latest(
          sinceCondition(pod, 'Initialized') ?? sidecar.state.running.startedAt,
          seid?.lastState?.terminated?.finishedAt,
        )
  }
  const ends = [sidecar, containerStatus(pod, INIT_CONTAINER)].map(status => status?.state?.terminated?.finishedAt)
  return latest(sinceCondition(pod, 'PodScheduled') ?? creationTimestamp, ...ends)
}

/** What a container waits with while its kubelet gets on with it. */
const STARTING: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

function saysWhy(pod: Readonly<Pod>): boolean {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  const reasons = [...initContainerStatuses, ...containerStatuses].flatMap(({ state }) => state?.waiting?.reason ?? [])
  return unschedulableSince(pod) !== undefined || reasons.some(reason => !STARTING.has(reason))
}

/** RFC 3339; when the condition became True. */
function sinceCondition(pod: Readonly<Pod>, type: string): string | undefined {
  return pod.status?.conditions?.find(each => each.type === type && each.status === 'True')?.lastTransitionTime
}

function latest(...times: readonly (string | undefined)[]): number | undefined {
  const known = times.flatMap(time => (time === undefined ? [] : [Date.parse(time)]))
  return known.length === 0 ? undefined : Math.max(...known)
}
