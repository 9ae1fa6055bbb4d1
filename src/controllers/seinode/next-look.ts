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

/** For what is only judged after a while, and for what only a look can tell. */
export function nextLook(round: Round): Again | undefined {
  const { spec, children, pod, podMissingSince, now } = round
  if (spec.blocks || children.problem) return RETRY
  if (!pod) return podMissingSince === undefined ? undefined : due(podMissingSince + POD_OVERDUE_MS, now)
  if (round.templateHeldSince !== undefined) return due(round.templateHeldSince + LONGEST_HOLD_MS, now)
  const unschedulable = unschedulableSince(pod)
  if (unschedulable !== undefined) return due(unschedulable + UNSCHEDULABLE_GRACE_MS, now)
  const stopped = seidStoppedSince(pod)
  return stopped === undefined ? undefined : due(stopped + STUCK_MS, now)
}

function due(at: number, now: number): Again | undefined {
  return at > now ? { requeueAfterMs: at - now } : undefined
}
