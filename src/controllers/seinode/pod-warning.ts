/** Reads what the cluster says of a pod that is stuck: `podWarning`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { lastWarning, type Warning } from '../shared/last-warning.ts'
import { POD_STUCK_MS, waitingSince } from '../shared/pod-stuck.ts'
import type { NodeDependencies } from './dependencies.ts'
import type { NodeMemory } from './memory.ts'

/** How often the events of a pod that stays stuck are read again. Milliseconds. */
export const WARNING_CHECK_MS = 60_000

/** One request, and only for a pod past its deadline, at most once a minute. */
export async function podWarning(
  pod: Readonly<Pod> | undefined,
  memory: NodeMemory,
  { client, clock }: Pick<NodeDependencies, 'client' | 'clock'>,
  signal: AbortSignal,
): Promise<Warning | undefined> {
  const since = pod && waitingSince(pod)
  const now = clock.now()
  if (!pod || since === undefined || now - since < POD_STUCK_MS) {
    memory.podWarning = undefined
    return undefined
  }
  const uid = pod.metadata?.uid ?? ''
  const known = memory.podWarning
  if (known?.podUID === uid && now - known.readAt < WARNING_CHECK_MS) return known.warning
  const warning = await lastWarning(client, pod, signal)
  memory.podWarning = { podUID: uid, readAt: now, warning }
  return warning
}
