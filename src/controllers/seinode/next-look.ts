/** When a round has to be repeated though nothing may change meanwhile: `nextLook`. Pure. */
import type { Again } from '../shared/again.ts'
import { POD_OVERDUE_MS } from './judge-progress.ts'
import { UNSCHEDULABLE_GRACE_MS, unschedulableSince } from '../shared/pod-problem.ts'
import { seidStoppedSince } from './pod-state.ts'
import { STUCK_MS } from './rollout.ts'
import { LONGEST_HOLD_MS } from './template-hold.ts'
import type { Round } from './round.ts'

/** Problems that no watch shows going away: an object without our label, a class, a quota. */
const RETRY: Again = { backoffMaxMs: 30_000 }

/**
 * For what is only judged after a while, and for what only a look can tell.
 * @param judgedAt the earliest moment at which a deadline was judged in this round, milliseconds since the epoch: what has
 * come due since then would otherwise be nobody's
 */
export function nextLook(round: Round, judgedAt: number): Again | undefined {
  const { spec, children, pod, podMissingSince } = round
  if (spec.blocks || children.problem || round.volumeHold) return RETRY
  if (!pod) return podMissingSince === undefined ? undefined : due(podMissingSince + POD_OVERDUE_MS, judgedAt)
  if (round.templateHeldSince !== undefined) return due(round.templateHeldSince + LONGEST_HOLD_MS, judgedAt)
  const unschedulable = unschedulableSince(pod)
  if (unschedulable !== undefined) return due(unschedulable + UNSCHEDULABLE_GRACE_MS, judgedAt)
  const stopped = seidStoppedSince(pod)
  return stopped === undefined ? undefined : due(stopped + STUCK_MS, judgedAt)
}

function due(at: number, judgedAt: number): Again | undefined {
  return at > judgedAt ? { requeueAfterMs: at - judgedAt } : undefined
}
