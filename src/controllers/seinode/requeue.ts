/** When a reconcile has to be repeated though nothing may change meanwhile: `nextRequeue`. Pure. */
import { NODE_LABEL, POOL_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { StuckDecision } from '../../plan/stuck-restart.ts'
import { isTerminating } from '../shared/deletion.ts'
import { type Requeue, soonest } from '../shared/requeue.ts'
import {
  CAPACITY_MS,
  POD_OVERDUE_MS,
  POD_STUCK_MS,
  UNSCHEDULABLE_GRACE_MS,
  unschedulableSince,
  waitingSince,
} from '../shared/pods/pod-problem.ts'
import { seidState, seidStoppedSince } from '../shared/pods/pod-state.ts'
import { marksDueAt } from './children/data-volume.ts'
import { PROVISION_MS } from './conditions/volume-healthy.ts'
import { WARNING_CHECK_MS } from './observe/observe.ts'
import { SIDECAR_SILENT_MS } from './rollout/pod-change.ts'
import { STUCK_MS } from './observe/pod-revision.ts'
import type { Observation } from './observation.ts'
import { upgradeRequeue, upgradeStatus } from './upgrades/upgrade-status.ts'

/** Problems that no watch shows going away: an object without our label, a class, a quota. */
const RETRY: Requeue = { backoffMaxMs: 30_000 }

/** Approvals are announced; this is for one that was missed, and for a rollout that halts. */
const APPROVAL_CHECK: Requeue = { requeueAfterMs: 60_000 }
const RESTART_CHECK: Requeue = { requeueAfterMs: 30_000 }
/** A height that rises triggers no reconcile. This is for a seid that does not end at its height. */
const HALT_CHECK: Requeue = { requeueAfterMs: 30_000 }
/** The head of a chain becomes known without a watch event of the node. */
const HEAD_CHECK: Requeue = { requeueAfterMs: 5_000 }
/** The chain reaches the height of an entry without a watch event of the node. */
const REACH_CHECK: Requeue = { requeueAfterMs: 30_000 }
const CLAIM_CHECK: Requeue = { requeueAfterMs: 60_000 }

/**
 * For what is only evaluated after a while, and for what no watch event tells.
 * @param evaluatedAt the earliest moment at which a deadline was evaluated in this reconcile, milliseconds since the epoch: what has
 * come due since then would otherwise be nobody's
 */
export function nextRequeue(observation: Observation, evaluatedAt: number): Requeue | undefined {
  const { stuckRestart, growth } = observation
  return [
    nextCheck(observation, evaluatedAt),
    stuckRestart && whenRestartable(stuckRestart, evaluatedAt),
    growth?.dueAt === undefined ? undefined : due(growth.dueAt, evaluatedAt),
    upgradeRequeue(upgradeStatus(observation).upgrade),
    observation.upgrades?.isAwaiting === true ? HEAD_CHECK : undefined,
    observation.upgrades?.need?.kind === 'misplaced' ? REACH_CHECK : undefined,
  ].reduce(soonest, whenProvisioned(observation, evaluatedAt))
}

/** When the claim can be marked with a bootstrap that completed, between two statuses of one reconcile. */
export function requeueToMark(
  before: Readonly<SeiNode>,
  after: Readonly<SeiNode>,
  evaluatedAt: number,
): Requeue | undefined {
  const [was, is] = [before, after].map(({ status }) => marksDueAt(status?.initPlan))
  if (is === undefined || (is === was && is <= evaluatedAt)) return undefined
  return { requeueAfterMs: Math.max(0, is - evaluatedAt) }
}

function nextCheck(observation: Observation, evaluatedAt: number): Requeue | undefined {
  const { spec, children, pod, podMissingSince } = observation
  if (spec.blocks || children.problem || observation.volumeBlock) return RETRY
  if (!pod) return whenStuck(podMissingSince, POD_OVERDUE_MS, evaluatedAt)
  if (observation.silentSince !== undefined) return due(observation.silentSince + SIDECAR_SILENT_MS, evaluatedAt)
  if (observation.rollout?.kind === 'interrupted' && !isTerminating(pod))
    return due(observation.rollout.dueAt, evaluatedAt)
  const unschedulable = unschedulableSince(pod)
  if (unschedulable !== undefined) {
    return due(unschedulable + UNSCHEDULABLE_GRACE_MS, evaluatedAt) ?? due(unschedulable + CAPACITY_MS, evaluatedAt)
  }
  const waiting = whenStuck(waitingSince(pod), POD_STUCK_MS, evaluatedAt)
  const stopped = seidStoppedSince(pod)
  const stuck = stopped === undefined ? undefined : due(stopped + STUCK_MS, evaluatedAt)
  const mayHalt = observation.halt?.kind === 'pending' || observation.halt?.kind === 'unreadable'
  const beyond = mayHalt && seidState(pod).running ? HALT_CHECK : undefined
  const turn = observation.change?.kind === 'waiting' ? APPROVAL_CHECK : undefined
  return [waiting, stuck, turn, beyond].reduce(
    soonest,
    children.sizeRefusal === undefined ? unwatched(observation) : RETRY,
  )
}

/** The write of the status that records a restart triggers nothing. Nor does the health of other nodes. */
function whenRestartable(decision: StuckDecision, evaluatedAt: number): Requeue | undefined {
  switch (decision.kind) {
    case 'recording':
      return { requeueAfterMs: 0 }
    case 'waiting':
      return due(decision.dueAt, evaluatedAt)
    case 'exhausted':
      return decision.until === undefined ? undefined : due(decision.until, evaluatedAt)
    case 'refused':
      return RESTART_CHECK
    case 'none':
    case 'exempt':
    case 'restarting':
      return undefined
  }
}

function whenProvisioned({ children: { dataVolume } }: Observation, evaluatedAt: number): Requeue | undefined {
  const { metadata, status } = dataVolume ?? {}
  if (status?.phase !== 'Pending') return undefined
  return due(Date.parse(metadata?.creationTimestamp ?? '') + PROVISION_MS, evaluatedAt)
}

/** A claim that others prepared, without a label of ours, is in no cache: that it is being deleted has to be asked for. */
function unwatched({ node, children: { dataVolume } }: Observation): Requeue | undefined {
  const { labels = {} } = dataVolume?.metadata ?? {}
  const isCached = labels[NODE_LABEL] !== undefined || labels[POOL_LABEL] !== undefined
  return node.spec.genesis?.pvc && dataVolume && !isCached ? CLAIM_CHECK : undefined
}

/** Past the deadline its events may change, which no watch tells. */
function whenStuck(since: number | undefined, deadlineMs: number, evaluatedAt: number): Requeue | undefined {
  return since === undefined
    ? undefined
    : (due(since + deadlineMs, evaluatedAt) ?? { requeueAfterMs: WARNING_CHECK_MS })
}

function due(at: number, evaluatedAt: number): Requeue | undefined {
  return at > evaluatedAt ? { requeueAfterMs: at - evaluatedAt } : undefined
}
