/** When a round has to be repeated though nothing may change meanwhile: `nextLook`. Pure. */
import { NODE_LABEL, POOL_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { type Again, soonest } from '../shared/requeue.ts'
import { POD_STUCK_MS, UNSCHEDULABLE_GRACE_MS, unschedulableSince, waitingSince } from '../shared/pods/pod-problem.ts'
import { seidStoppedSince } from '../shared/pods/pod-state.ts'
import { marksDueAt } from './children/data-volume.ts'
import { POD_OVERDUE_MS } from './conditions/progressing.ts'
import { PROVISION_MS } from './conditions/volume-healthy.ts'
import { WARNING_CHECK_MS } from './observe/observe.ts'
import { SIDECAR_SILENT_MS } from './rollout/pod-change.ts'
import { STUCK_MS } from './observe/pod-revision.ts'
import type { Round } from './observation.ts'

/** Problems that no watch shows going away: an object without our label, a class, a quota. */
const RETRY: Again = { backoffMaxMs: 30_000 }

/** A turn is announced by whoever has it; this is for what was missed, and for a rollout that stops. */
const TURN_CHECK: Again = { requeueAfterMs: 60_000 }
const CLAIM_CHECK: Again = { requeueAfterMs: 60_000 }

/**
 * For what is only judged after a while, and for what only a look can tell.
 * @param judgedAt the earliest moment at which a deadline was judged in this round, milliseconds since the epoch: what has
 * come due since then would otherwise be nobody's
 */
export function nextLook(round: Round, judgedAt: number): Again | undefined {
  return soonest(whenProvisioned(round, judgedAt), nextCheck(round, judgedAt))
}

/** When the claim can be marked with a bootstrap that completed, between two statuses of one reconcile. */
export function whenToMark(before: Readonly<SeiNode>, after: Readonly<SeiNode>, judgedAt: number): Again | undefined {
  const [was, is] = [before, after].map(({ status }) => marksDueAt(status?.initPlan))
  if (is === undefined || (is === was && is <= judgedAt)) return undefined
  return { requeueAfterMs: Math.max(0, is - judgedAt) }
}

function nextCheck(round: Round, judgedAt: number): Again | undefined {
  const { spec, children, pod, podMissingSince } = round
  if (spec.blocks || children.problem || round.volumeHold) return RETRY
  if (!pod) return podMissingSince === undefined ? undefined : due(podMissingSince + POD_OVERDUE_MS, judgedAt)
  if (round.silentSince !== undefined) return due(round.silentSince + SIDECAR_SILENT_MS, judgedAt)
  if (round.rollout?.kind === 'interrupted') return due(round.rollout.dueAt, judgedAt)
  const unschedulable = unschedulableSince(pod)
  if (unschedulable !== undefined) return due(unschedulable + UNSCHEDULABLE_GRACE_MS, judgedAt)
  const waiting = whenStuck(waitingSince(pod), judgedAt)
  const stopped = seidStoppedSince(pod)
  const stuck = stopped === undefined ? undefined : due(stopped + STUCK_MS, judgedAt)
  const turn = round.change?.kind === 'waiting' ? TURN_CHECK : undefined
  return [waiting, stuck, turn].reduce(soonest, children.sizeRefusal === undefined ? unwatched(round) : RETRY)
}

function whenProvisioned({ children: { dataVolume } }: Round, judgedAt: number): Again | undefined {
  const { metadata, status } = dataVolume ?? {}
  if (status?.phase !== 'Pending') return undefined
  return due(Date.parse(metadata?.creationTimestamp ?? '') + PROVISION_MS, judgedAt)
}

/** A claim that others prepared, without a label of ours, is in no cache: that it is being deleted has to be asked for. */
function unwatched({ node, children: { dataVolume } }: Round): Again | undefined {
  const { labels = {} } = dataVolume?.metadata ?? {}
  const isCached = labels[NODE_LABEL] !== undefined || labels[POOL_LABEL] !== undefined
  return node.spec.genesis?.pvc && dataVolume && !isCached ? CLAIM_CHECK : undefined
}

/** Past the deadline its events may change, which no watch tells. */
function whenStuck(since: number | undefined, judgedAt: number): Again | undefined {
  return since === undefined ? undefined : (due(since + POD_STUCK_MS, judgedAt) ?? { requeueAfterMs: WARNING_CHECK_MS })
}

function due(at: number, judgedAt: number): Again | undefined {
  return at > judgedAt ? { requeueAfterMs: at - judgedAt } : undefined
}
