/** Whether a node that was given a change works with it: `proveChange`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import type { Requeue } from '../../shared/requeue.ts'
import { askHeights } from '../../shared/pods/heights.ts'
import { runsTemplate, seidState } from '../../shared/pods/pod-state.ts'
import { groupOf, poolOf } from '../../shared/rollout-gate.ts'
import type { NodeDependencies } from '../dependencies.ts'

/** Blocks come several times a second. Milliseconds. */
const SOON_MS = 1_000
/** A node that has had no new block for a minute is asked less often. Milliseconds. */
const LATER_MS = 10_000
const PATIENCE_MS = 60_000

export interface Proof {
  readonly isProven: boolean
  readonly requeue?: Requeue
}

/**
 * Ready is proof enough of a change that the user asked for. Of a change that goes from node to node it is not: readiness
 * passes on a chain that stands still, so the node has to be seen to follow the chain. A pool asks all its nodes; a node of
 * no pool is asked here.
 */
export async function proveChange(
  node: Readonly<SeiNode>,
  live: Readonly<StatefulSet> | undefined,
  pod: Readonly<Pod> | undefined,
  { askSeid, clock, gate }: Pick<NodeDependencies, 'askSeid' | 'clock' | 'gate'>,
  signal: AbortSignal,
): Promise<Proof> {
  const stored = node.status?.rollout
  const podIP = pod?.status?.podIP
  if (stored?.phase !== 'Underway' || !live || !pod || podIP === undefined) return { isProven: false }
  if (!runsTemplate(live, pod) || !seidState(pod).ready) return { isProven: false }
  const isOfPool = poolOf(node) !== undefined
  if (!isOfPool && stored.cause === 'Spec') return { isProven: true }
  const [key, podUID] = [keyOf(node), pod.metadata?.uid ?? '']
  const heights = gate.heights(groupOf(node))
  if (!isOfPool) {
    const asked = { node: key, podUID, podIP, isReady: true }
    heights.note(await askHeights([asked], askSeid, signal), clock.now())
  }
  const now = clock.now()
  // Where no validator makes a block, following the chain is not to be asked for.
  if (heights.follows(key, podUID, now) || (isOfPool && heights.isStalled(now))) return { isProven: true }
  const isYoung = now - Date.parse(stored.since) < PATIENCE_MS
  return { isProven: false, requeue: { requeueAfterMs: isYoung ? SOON_MS : LATER_MS } }
}
