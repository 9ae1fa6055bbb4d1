/** What a SeiNodePool is at, for its conditions Reconciling and Stalled: `evaluateProgress`. Pure; checks are in order of weight. */
import type { PoolReason } from '../../../api/conditions.ts'
import { findCondition } from '../../../lib/conditions.ts'
import { unended } from '../../../lib/unended.ts'
import { PROOF_DEADLINE_MS } from '../../shared/rollout-gate.ts'
import { poolReason } from '../../shared/conditions.ts'
import type { PoolFinding } from '../../shared/conditions.ts'
import type { PoolMember } from '../nodes/members.ts'
import type { RolloutView } from '../observation.ts'
import type { Preparation } from '../jobs/preparation.ts'
import type { PoolObservation } from '../observation.ts'

const CHANGES: Readonly<Record<RolloutView['cause'], string>> = {
  Spec: 'the changed spec',
  Operator: "the pod template of the operator's current version and settings",
}

const CURES: Readonly<Record<RolloutView['cause'], string>> = {
  Spec: 'Correct spec.nodeConfiguration',
  Operator: "Go back to the operator's earlier version and settings",
}

export function evaluateProgress(observation: PoolObservation): PoolFinding<'Reconciling'> {
  const found = withRewritten(evaluateSteps(observation), observation)
  const claims = observation.pendingClaims.map(
    ({ metadata }) => `${metadata?.name} since ${metadata?.creationTimestamp}`,
  )
  if (claims.length === 0 || !STEPS.has(found.reason)) return found
  const pending = `claims that are Pending, with no volume provisioned: ${claims.join(', ')}`
  return {
    ...found,
    message: `${found.message}; ${pending}. To see the reason in their events, run: kubectl describe pvc`,
  }
}

/** What a Job or a node cannot come up for while its claim is not bound. */
const STEPS: ReadonlySet<string> = new Set(['GenesisRunning', 'Preparing', 'CreatingNodes', 'JobFailed', 'JobStuck'])

function evaluateSteps(observation: PoolObservation): PoolFinding<'Reconciling'> {
  const { ceremony, preparations, members, problem, rollout } = observation
  const failed = failure(observation)
  if (problem && problem.reason !== 'Creating') return { reason: problem.reason, message: problem.message }
  if (failed) return failed
  if (ceremony.kind !== 'complete' && ceremony.kind !== 'taken-over') {
    return { reason: 'GenesisRunning', message: ceremony.message }
  }
  if (!preparations) return { reason: 'Preparing', message: 'the ceremony is complete; the volumes are prepared next' }
  const unprepared = preparations.find(({ kind }) => kind !== 'prepared' && kind !== 'foreign')
  if (unprepared && unprepared.kind !== 'prepared') return { reason: 'Preparing', message: unprepared.message }
  if (problem) return { reason: 'CreatingNodes', message: problem.message }
  if (rollout) return evaluateRollout(rollout, observation)
  if (members.some(({ live }) => live === undefined)) {
    return { reason: 'CreatingNodes', message: 'the nodes are being created' }
  }
  if (observation.rewritten !== undefined) return { reason: 'Rewritten', message: observation.rewritten }
  return { reason: 'Stable', message: 'the cluster matches the spec' }
}

/** What admission changed may be the cause of what is wrong. */
function withRewritten(found: PoolFinding<'Reconciling'>, { rewritten }: PoolObservation): PoolFinding<'Reconciling'> {
  const isTrouble = poolReason('Reconciling', found.reason).status === 'False'
  if (rewritten === undefined || !isTrouble || found.reason === 'Rewritten') return found
  return { ...found, message: `${unended(found.message)}. In addition, ${rewritten}` }
}

function evaluateRollout(rollout: RolloutView, { members, chain, now }: PoolObservation): PoolFinding<'Reconciling'> {
  const { cause, waitsFor, changed, remaining } = rollout
  const rest = `${remaining} of ${members.length} nodes still have the previous one`
  if (changed.length > 0) return { reason: 'RollingOut', message: `${changeGiven(cause, changed)}; ${rest}` }
  if (!waitsFor) {
    const silence = chain.silence === undefined ? '' : ` (${chain.silence})`
    const message = `${CHANGES[cause]} waits until every other validator follows the chain${silence}; ${rest}`
    return { reason: 'RollingOut', message }
  }
  const { node } = waitsFor.names
  const because = reasonToWait(rollout, waitsFor)
  const trouble = troubleOf(waitsFor, now)
  if (trouble !== undefined) {
    const message = `the rollout is halted at ${node}, which ${because}: ${trouble}; ${rest}. ${CURES[cause]}, or fix what SeiNode ${node} reports`
    return { reason: 'RolloutHalted', message }
  }
  const next =
    remaining > 0 ? `the next node gets ${CHANGES[cause]}` : `every node has ${CHANGES[cause]}; the rollout completes`
  return { reason: 'RollingOut', message: `${next} when ${node} follows the chain: it ${because}; ${rest}` }
}

/** What the event and the condition say of nodes that have just been given a change. */
export function changeGiven(cause: RolloutView['cause'], nodes: readonly string[]): string {
  return `${CHANGES[cause]} was given to ${nodes.join(', ')}`
}

const EARLY = 'its image has an upgrade that the chain has not reached'

/** In words that follow the node's name. */
const UNREADY = {
  unknown: 'has not started to apply the change',
  down: 'does not run',
  halted: 'is halted at its height',
  running: 'is running but not Ready yet',
} as const satisfies Record<Exclude<PoolMember['state'], 'ready'>, string>

function reasonToWait({ silence }: RolloutView, { state, isEarly }: PoolMember): string {
  if (isEarly) return 'runs the image of before'
  if (state !== 'ready') return UNREADY[state]
  return silence === undefined
    ? 'is Ready but has not yet been observed to follow the chain'
    : `is Ready, but its seid does not report a height: ${silence}`
}

/** Why the node will not work with its change by itself; undefined while it is only under way. */
function troubleOf({ live, state, isEarly }: PoolMember, now: number): string | undefined {
  const { generation } = live?.metadata ?? {}
  const conditions = live?.status?.conditions?.filter(({ observedGeneration }) => observedGeneration === generation)
  const stalled = findCondition(conditions, 'Stalled')
  if (stalled?.status === 'True') return stalled.message
  const { reason, message } = findCondition(conditions, 'Reconciling') ?? {}
  if (reason === 'Paused') return message
  if (isEarly) return findCondition(conditions, 'UpgradesHealthy')?.message ?? EARLY
  const since = live?.status?.rollout?.since
  if (since === undefined || now - Date.parse(since) < PROOF_DEADLINE_MS) return undefined
  if (state === 'ready')
    return `unchanged since ${since}; allow the operator's namespace to reach its port 26657, and read its log`
  return `not Ready since ${since}: ${findCondition(conditions, 'Ready')?.message ?? 'no reason is reported'}`
}

const CEREMONY_FAILURES = { failed: 'JobFailed', stuck: 'JobStuck', 'other-network': 'OtherNetwork' } as const

function failure({ ceremony, preparations = [] }: PoolObservation): PoolFinding<'Reconciling'> | undefined {
  if (ceremony.kind === 'failed' || ceremony.kind === 'stuck' || ceremony.kind === 'other-network') {
    return { reason: CEREMONY_FAILURES[ceremony.kind], message: ceremony.message }
  }
  for (const [kind, reason] of Object.entries(PREPARATION_REASONS)) {
    // Those that wait or run are steps, and a foreign claim stops nothing.
    if (reason === 'JobsRunning' || reason === 'VolumeForeign') continue
    for (const found of preparations) {
      if (found.kind === kind && found.kind !== 'prepared') return { reason, message: found.message }
    }
  }
  return undefined
}

export const PREPARATION_REASONS = {
  terminating: 'VolumeLeaving',
  lost: 'VolumeLost',
  'other-genesis': 'OtherGenesis',
  replaced: 'VolumeReplaced',
  failed: 'JobFailed',
  stuck: 'JobStuck',
  blocked: 'JobsRunning',
  running: 'JobsRunning',
  waiting: 'JobsRunning',
  foreign: 'VolumeForeign',
} as const satisfies Partial<Record<Preparation['kind'], PoolReason<'NodesPrepared'>>>
