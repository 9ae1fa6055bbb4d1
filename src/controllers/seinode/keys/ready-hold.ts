/** The last check before a validator's sidecar is marked ready: `readyHold`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { ApiError, TransportError } from '../../../kube/errors.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mayRunSeid } from '../../shared/pod-state.ts'
import { holdOf, type KeyFinding } from './finding.ts'
import { reservationFailed } from './messages.ts'
import { confirmKey } from './reservation.ts'

/** Why the sidecar may not be marked ready; undefined where it may. Rejects only when `signal` aborts. */
export async function readyHold(
  node: Readonly<SeiNode>,
  key: KeyFinding,
  pod: Readonly<Pod> | undefined,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<string | undefined> {
  const hold = holdOf(key, pod?.metadata?.uid)
  if (hold !== undefined || key.kind !== 'reserved') return hold
  try {
    const isOurs = await confirmKey(node, key.address, dependencies, signal)
    return isOurs ? undefined : `the reservation of consensus key ${key.address} has changed, and is checked again`
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof TransportError)) throw error
    return reservationFailed(key.address, error.message, mayRunSeid(pod))
  }
}
