/** Asks the API server whether a node's pod is still what the cache says, before a task is sent to it: `podConfirmation`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { ApiError, TransportError } from '../../../kube/errors.ts'
import { pods } from '../../../kube/resources.ts'
import { SidecarError } from '../../../sidecar/errors.ts'
import { isTerminating } from '../../shared/deletion.ts'
import type { Confirm } from '../../shared/pods/pod-calls.ts'
import { type RunningSidecar, sidecarState } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { NodeLocalState } from '../local-state.ts'

/**
 * How long a confirmation holds, milliseconds. The tasks of a bootstrap follow each other faster. For another sidecar to
 * listen at the address, the pod has to end, and another pod has to be scheduled and started.
 */
const CONFIRMED_MS = 5_000

/**
 * Confirms that the pod with that UID is there, has that address, and runs that start of the sidecar.
 * @param pod as the cache has it
 * @param state of its sidecar
 */
export function podConfirmation(
  pod: Readonly<Pod>,
  state: RunningSidecar,
  local: NodeLocalState,
  { client, clock }: Pick<NodeDependencies, 'client' | 'clock'>,
): Confirm {
  const place = placeOf(pod, state)
  return async signal => {
    const askedAt = clock.monotonic()
    const { confirmed } = local
    if (confirmed && confirmed.place === place && askedAt - confirmed.at < CONFIRMED_MS) return
    const { namespace = '', name = '' } = pod.metadata ?? {}
    let found: Readonly<Pod> | undefined
    try {
      found = await client.get(pods, { namespace, name }, signal ? { signal } : {})
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof TransportError)) throw error
      throw unconfirmed(`pod ${name} cannot be confirmed before a task is sent to it: ${error.message}`)
    }
    const foundState = sidecarState(found)
    if (!found || foundState.kind === 'absent' || placeOf(found, foundState) !== place) {
      throw unconfirmed(
        `pod ${name} at ${state.podIP} has changed: ${differenceOf(pod, found)}. No task is sent until the operator's watch of pods shows it`,
      )
    }
    local.confirmed = { place, at: askedAt }
  }
}

/** Names one start of the sidecar at one address. */
function placeOf({ metadata }: Readonly<Pod>, { podIP, containerID }: RunningSidecar): string {
  return [metadata?.uid, podIP, containerID].join(' ')
}

function differenceOf(known: Readonly<Pod>, found: Readonly<Pod> | undefined): string {
  if (!found) return 'it is gone'
  const { uid } = found.metadata ?? {}
  if (uid !== known.metadata?.uid) return `a new pod (uid ${uid}) has its name`
  if (isTerminating(found)) return 'it is being deleted'
  const { podIP } = found.status ?? {}
  if (podIP === undefined) return 'it has no address'
  return podIP === known.status?.podIP ? 'its sidecar has stopped or started again' : `its address is ${podIP}`
}

function unconfirmed(detail: string): SidecarError {
  return new SidecarError(detail, { kind: 'unavailable', sent: 'no', detail })
}
