/** Which pods are useless though their template is current: `unfitPod` (pure); deletes a pod that would be waited for in vain: `replacePod`. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import { API_VERSION, INIT_CONTAINER, SIDECAR_CONTAINER } from '../../../api/names.ts'
import type { TaskPlan } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { pods } from '../../../kube/resources.ts'
import { currentTask } from '../../../plan/task-plan.ts'
import { containerStatus, mayRunSeid } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'

const WHY = {
  wedged: 'was of an older spec and not ready, which blocks its StatefulSet',
  stuck: 'had a seid that stopped and was not restarted while its sidecar is ready',
  halted: 'has reached spec.haltHeight; the next pod does not start seid',
  standing: 'had a seid that stood still while its chain made blocks',
  outdated: 'mounts an earlier PersistentVolumeClaim of the same name',
  interrupted: 'has a sidecar that stopped during snapshot-restore; a new pod clears its scratch space',
} as const

export type ReplaceReason = keyof typeof WHY

export function isReplaceReason(word: string): word is ReplaceReason {
  return word in WHY
}

/** Only the very pod that was read; the StatefulSet makes the next from its current template. */
export async function replacePod(
  node: Readonly<SeiNode>,
  pod: Readonly<Pod>,
  why: ReplaceReason,
  { client, events }: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {}
  const isThere = await client.delete(pods, { namespace, name }, { uid, signal })
  if (!isThere) return
  events.event({
    regarding: { ...node, apiVersion: API_VERSION, kind: 'SeiNode' },
    type: 'Normal',
    reason: 'PodReplaced',
    note: `pod ${name} ${WHY[why]}; it is recreated`,
    action: 'Replace',
    occurrence: uid,
  })
}

export type UnfitPod =
  /** An earlier claim of the name is mounted in it: it was there before the claim that the plan is for. */
  | { readonly kind: 'outdated' }
  /**
   * Its sidecar stopped in the middle of snapshot-restore. The download that it left is as large as the chain's state, and
   * only seid-init clears the scratch space. `dueAt`, milliseconds since the epoch: when the pod may be deleted.
   */
  | { readonly kind: 'interrupted'; readonly dueAt: number }

/** As seldom as a kubelet starts a container again that stops each time. Milliseconds. */
const SHORTEST_LIFE_MS = 300_000

/**
 * @param claim that the pod should mount
 * @param plan the bootstrap that holds now; undefined where none may be worked on
 */
export function unfitPod(
  pod: Readonly<Pod>,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  plan: TaskPlan | undefined,
): UnfitPod | undefined {
  // What was bootstrapped stays, or seid would start on a volume on which nothing was done.
  if (!plan || plan.phase === 'Complete') return undefined
  if (claim && isOutdated(pod, claim)) return { kind: 'outdated' }
  if (!isInterrupted(pod, plan)) return undefined
  return { kind: 'interrupted', dueAt: Date.parse(pod.metadata?.creationTimestamp ?? '') + SHORTEST_LIFE_MS }
}

/** A pod that is scheduled later mounts the claim that stands, however old the pod is. */
function isOutdated({ metadata, spec, status }: Readonly<Pod>, claim: Readonly<PersistentVolumeClaim>): boolean {
  const { name, creationTimestamp = '' } = claim.metadata ?? {}
  const names = spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name) === true
  const scheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'True')
  if (!names || !scheduled) return false
  const times = [metadata?.creationTimestamp, scheduled.lastTransitionTime]
  const mountedAt = Math.max(...times.flatMap(time => (time === undefined ? [] : [Date.parse(time)])))
  return mountedAt < Date.parse(creationTimestamp)
}

function isInterrupted(pod: Readonly<Pod>, plan: TaskPlan): boolean {
  const task = currentTask(plan)?.task
  if (task?.type !== 'snapshot-restore' || task.submittedAt === undefined || mayRunSeid(pod)) return false
  const stopped = containerStatus(pod, SIDECAR_CONTAINER)?.lastState?.terminated?.finishedAt
  const cleared = containerStatus(pod, INIT_CONTAINER)?.state?.terminated?.finishedAt
  if (stopped === undefined || isBefore(stopped, task.submittedAt)) return false
  return cleared === undefined || isBefore(cleared, stopped)
}

/** A kubelet tells times in whole seconds. */
function isBefore(first: string, second: string): boolean {
  return Math.floor(Date.parse(first) / 1000) < Math.floor(Date.parse(second) / 1000)
}
