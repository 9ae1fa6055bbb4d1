/** Whether a node that was given a change works with it: `proveChange`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import type { Requeue } from '../../shared/requeue.ts'
import { runsTemplate, seidStart, seidState } from '../../shared/pods/pod-state.ts'
import { groupOf, isOlderHalt, poolOf } from '../../shared/rollout-gate.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { observeHalt } from '../halt/observe-halt.ts'

/** A height that rises triggers no reconcile. Milliseconds. */
const SOON_MS = 1_000
/** For a node that has had no new block for a minute. Milliseconds. */
const LATER_MS = 10_000
const PATIENCE_MS = 60_000

export interface Proof {
  readonly isProven: boolean
  readonly requeue?: Requeue
}

/**
 * Ready is proof enough of a change that the user asked for. Of a change that goes from node to node it is not: the node has
 * to be seen to follow the chain with it. One that is halted by its spec has nothing to follow.
 */
export function proveChange(
  node: Readonly<SeiNode>,
  live: Readonly<StatefulSet> | undefined,
  pod: Readonly<Pod> | undefined,
  { chain, clock, gate }: Pick<NodeDependencies, 'chain' | 'clock' | 'gate'>,
): Proof {
  const stored = node.status?.rollout
  if (stored?.phase !== 'Underway' || !live || !pod) return { isProven: false }
  if (!runsTemplate(live, pod)) return { isProven: false }
  if (observeHalt(node, pod).kind === 'halted') return { isProven: true }
  if (!seidState(pod).ready) return { isProven: false }
  const isOfPool = poolOf(node) !== undefined
  if (!isOfPool && stored.cause === 'Spec') return { isProven: true }
  // A chain that stood still before the change cannot be followed. One that stopped since may have stopped because of it.
  const haltedSince = isOfPool ? gate.haltedSince(groupOf(node)) : undefined
  if (isOlderHalt(haltedSince, Date.parse(stored.since))) return { isProven: true }
  const [key, start] = [keyOf(node), seidStart(pod) ?? '']
  const hadPower = node.status?.chain?.validatorAddress !== undefined
  const hasLostPower = isOfPool && hadPower && chain.track(key, start)?.last?.votingPower === 0
  if (chain.follows(key, start) && !hasLostPower) return { isProven: true }
  const isYoung = clock.now() - Date.parse(stored.since) < PATIENCE_MS
  if (isYoung) chain.hurry(key)
  return { isProven: false, requeue: { requeueAfterMs: isYoung ? SOON_MS : LATER_MS } }
}
