/** The condition Progressing of a SeiNodePool: `judgeProgress`. Pure; checks are in order of weight. */
import { findCondition } from '../../lib/conditions.ts'
import type { PoolJudgement } from './judge-pool.ts'
import type { PoolMember } from './members.ts'
import type { RolloutChange } from './nodes.ts'
import type { PoolRound } from './round.ts'

/** A node that has not settled so long after it was given a change holds the rollout up for good. Milliseconds. */
const SETTLE_DEADLINE_MS = 10 * 60_000

const CHANGES: Readonly<Record<RolloutChange, string>> = {
  spec: 'the changed spec',
  template: "the pod template of the operator's current version and settings",
  unknown: 'the last change',
}

const CURES: Readonly<Record<RolloutChange, string>> = {
  spec: 'Correct spec.nodeConfiguration',
  template: "Go back to the operator's earlier version and settings",
  unknown: 'Undo the change',
}

export function judgeProgress(round: PoolRound): PoolJudgement<'Progressing'> {
  const found = judgeSteps(round)
  const claims = round.pendingClaims.map(({ metadata }) => `${metadata?.name} since ${metadata?.creationTimestamp}`)
  if (claims.length === 0 || !STEPS.has(found.reason)) return found
  const pending = `claims that are Pending, for which no volume was provisioned yet: ${claims.join(', ')}`
  return { ...found, message: `${found.message}; ${pending}. Their events say why: kubectl describe pvc` }
}

/** What a Job or a node cannot come up for while its claim is not bound. */
const STEPS: ReadonlySet<string> = new Set(['GenesisRunning', 'Preparing', 'CreatingNodes', 'JobFailed'])

function judgeSteps(round: PoolRound): PoolJudgement<'Progressing'> {
  const { ceremony, preparations, members, problem, rollout } = round
  const failed = failure(round)
  if (problem && problem.reason !== 'Creating') return { reason: problem.reason, message: problem.message }
  if (failed !== undefined) return { reason: 'JobFailed', message: failed }
  if (ceremony.kind !== 'complete' && ceremony.kind !== 'taken-over') {
    return { reason: 'GenesisRunning', message: ceremony.message }
  }
  if (!preparations) return { reason: 'Preparing', message: 'the ceremony is over; the volumes are prepared next' }
  const unprepared = preparations.find(({ kind }) => kind !== 'prepared' && kind !== 'foreign')
  if (unprepared && unprepared.kind !== 'prepared') return { reason: 'Preparing', message: unprepared.message }
  if (problem) return { reason: 'CreatingNodes', message: problem.message }
  if (rollout) return judgeRollout(round)
  if (members.some(({ live }) => live === undefined)) {
    return { reason: 'CreatingNodes', message: 'the nodes are being made' }
  }
  return { reason: 'Stable', message: 'the cluster is as the spec says' }
}

function judgeRollout({ rollout, members, now }: PoolRound): PoolJudgement<'Progressing'> {
  const { change = 'spec', waitsFor, waitingBecause = '', unmovedSince, changed = [], remaining = 0 } = rollout ?? {}
  const rest = `${remaining} of ${members.length} nodes still have the earlier one`
  if (!waitsFor || changed.includes(waitsFor.names.node)) {
    return { reason: 'RollingOut', message: `${changeGiven(change, changed)}; ${rest}` }
  }
  const trouble = troubleOf(waitsFor, now) ?? unmoved(unmovedSince, now)
  const { node } = waitsFor.names
  if (trouble === undefined) {
    const next =
      remaining > 0 ? `the next node gets ${CHANGES[change]}` : `every node was given ${CHANGES[change]}, which is over`
    return { reason: 'RollingOut', message: `${next} when ${node} has settled: it ${waitingBecause}; ${rest}` }
  }
  const message = `the rollout stands at ${node}, which ${waitingBecause}: ${trouble}; ${rest}. ${CURES[change]}, or mend what SeiNode ${node} complains of`
  return { reason: 'RolloutHalted', message }
}

/** What the event and the condition say of nodes that have just been given a change. */
export function changeGiven(change: RolloutChange, nodes: readonly string[]): string {
  return `${CHANGES[change]} was given to ${nodes.join(', ')}`
}

/** Why the node will not settle by itself; undefined while it is only under way, or tells of what it was before. */
function troubleOf({ live, pod }: PoolMember, now: number): string | undefined {
  const { generation } = live?.metadata ?? {}
  const conditions = live?.status?.conditions?.filter(({ observedGeneration }) => observedGeneration === generation)
  const progressing = findCondition(conditions, 'Progressing')
  if (progressing?.status === 'False' && progressing.reason !== 'Stable') return progressing.message
  const ready = findCondition(conditions, 'Ready')
  if (ready === undefined || ready.status === 'True') return undefined
  // The pod may be one that was made with the change, and have had less time than its node was not Ready.
  const { lastTransitionTime } = ready
  const madeAt = pod?.metadata?.creationTimestamp ?? lastTransitionTime
  const since = Math.max(Date.parse(lastTransitionTime), Date.parse(madeAt))
  if (now - since < SETTLE_DEADLINE_MS) return undefined
  return `not Ready since ${lastTransitionTime}: ${ready.message}`
}

/** A height that does not rise, or is not told, though the node is Ready. */
function unmoved(since: number | undefined, now: number): string | undefined {
  if (since === undefined || now - since < SETTLE_DEADLINE_MS) return undefined
  return `so since ${new Date(since).toISOString()}; let the operator's namespace reach port 26657 of it, and see its log`
}

function failure({ ceremony, preparations }: PoolRound): string | undefined {
  if (ceremony.kind === 'failed' || ceremony.kind === 'stuck' || ceremony.kind === 'other-network') {
    return ceremony.message
  }
  for (const preparation of preparations ?? []) {
    const { kind } = preparation
    if (
      kind === 'stuck' ||
      kind === 'failed' ||
      kind === 'other-genesis' ||
      kind === 'replaced' ||
      kind === 'leaving' ||
      kind === 'lost'
    ) {
      return preparation.message
    }
  }
  return undefined
}
