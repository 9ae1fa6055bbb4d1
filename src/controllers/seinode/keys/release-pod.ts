/** Lets a validator's pod go when its kubelet has reported that seid ended: `releaseEndedPod`, `releaseIfEnded`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { VALIDATOR_POD_FINALIZER } from '../../../api/names.ts'
import { isNotFound } from '../../../kube/errors.ts'
import { pods } from '../../../kube/resources.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { hasPodFinalizer, podEnd } from './pod-end.ts'

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
