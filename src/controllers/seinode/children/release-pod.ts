/** Whether seid has ended in a validator's pod that was deleted, by the kubelet's own report: `podEnd`; removes the pod's finalizer then: `releaseEndedPod`, `releaseIfEnded`. */
import type { Pod, PodCondition } from 'kubernetes-types/core/v1.d.ts'
import { SEID_CONTAINER, VALIDATOR_POD_FINALIZER } from '../../../api/names.ts'
import { isNotFound } from '../../../kube/errors.ts'
import { pods } from '../../../kube/resources.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { containerStatus } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'

export type PodEnd =
  /** Not deleted, or still within the time that its kubelet has. */
  | { readonly kind: 'going on'; /** Milliseconds since the epoch. */ readonly lostAt?: number }
  /** No process of the pod can sign any more. */
  | { readonly kind: 'ended' }
  /** Nobody says that seid ended, though its time is over. */
  | { readonly kind: 'lost' }

/** From the end of the pod's grace period until its machine is taken for lost. Milliseconds. */
export const LOST_AFTER_MS = 30_000

/** @param now milliseconds since the epoch */
export function podEnd(pod: Readonly<Pod>, now: number): PodEnd {
  if (!isTerminating(pod)) return { kind: 'going on' }
  if (hasEnded(pod)) return { kind: 'ended' }
  const lostAt = Date.parse(pod.metadata?.deletionTimestamp ?? '') + LOST_AFTER_MS
  return now >= lostAt || collected(pod) ? { kind: 'lost' } : { kind: 'going on', lostAt }
}

export function hasPodFinalizer(pod: Readonly<Pod>): boolean {
  return pod.metadata?.finalizers?.includes(VALIDATOR_POD_FINALIZER) === true
}

/**
 * What a person has to do about a pod whose machine is lost. The API server removes a pod without finalizers only once it
 * was deleted with a grace period of 0.
 */
export function lostPodMessage(pod: Readonly<Pod>): string {
  const { metadata, spec } = pod
  const { namespace, name } = metadata ?? {}
  const force = `kubectl delete pod -n ${namespace} ${name} --force --grace-period=0 --wait=false`
  const patch = `kubectl patch pod -n ${namespace} ${name} --type=merge -p '{"metadata":{"finalizers":null}}'`
  // A pod that has no finalizer is gone after the first command, and the second would fail.
  const confirm = metadata?.finalizers?.length ? `${force} && ${patch}` : force
  return `pod ${name} was deleted, and the kubelet of machine ${spec?.nodeName} has not reported that seid ended: seid may still run and sign there, so no other pod is started. First power machine ${spec?.nodeName} off, or make sure that it no longer exists. Then, to confirm this, run: ${confirm}`
}

/**
 * A pod that was bound to no machine never ran, and a deleted one is bound no more. Otherwise the kubelet ends the
 * containers first and reports a terminal phase then (Kubernetes 1.27 and newer).
 */
function hasEnded({ spec, status }: Readonly<Pod>): boolean {
  if (!spec?.nodeName) return true
  if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') return false
  const seid = containerStatus({ status }, SEID_CONTAINER)
  const ended = seid?.state?.terminated
  const garbage = collected({ status })
  // The garbage collector of pods writes Failed without having heard of the machine: what was reported before says nothing.
  if (garbage) return Date.parse(ended?.finishedAt ?? '') > Date.parse(garbage.lastTransitionTime ?? '')
  const neverStarted = !seid || (!seid.state?.running && !seid.containerID && !seid.lastState?.terminated)
  return ended !== undefined || neverStarted
}

function collected({ status }: Readonly<Pod>): PodCondition | undefined {
  return status?.conditions?.find(
    ({ type, status: holds, reason }) =>
      type === 'DisruptionTarget' && holds === 'True' && reason === 'DeletionByPodGC',
  )
}

/**
 * Also for a node that is paused, being deleted or gone: the pod has ended, and what stays is its name alone, for which a
 * drain would wait.
 * @param key of the SeiNode
 */
export async function releaseEndedPod(key: string, dependencies: NodeDependencies, signal: AbortSignal): Promise<void> {
  const pod = dependencies.stores.pods.get(`${key}-0`)
  if (pod) await releaseIfEnded(pod, dependencies, signal)
}

export async function releaseIfEnded(
  pod: Readonly<Pod>,
  { client, clock }: Pick<NodeDependencies, 'client' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  if (!hasPodFinalizer(pod) || podEnd(pod, clock.now()).kind !== 'ended') return
  const { namespace = '', name = '', uid, resourceVersion, finalizers = [] } = pod.metadata ?? {}
  const others = finalizers.filter(finalizer => finalizer !== VALIDATOR_POD_FINALIZER)
  const body = { metadata: { uid, resourceVersion, finalizers: others } }
  try {
    await client.patch(pods, { namespace, name }, body, { type: 'merge', signal })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
