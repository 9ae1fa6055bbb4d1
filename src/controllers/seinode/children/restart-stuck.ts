/** Restarts a node that is stuck while its chain moves, where its spec asks for it: `stuckDecision`, `restartStuckNode`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { effectiveMode } from '../../../api/mode.ts'
import { parseGoDuration } from '../../../lib/go-duration.ts'
import { decideStuckRestart, type StuckDecision } from '../../../plan/stuck-restart.ts'
import { seidStart } from '../../shared/pods/pod-state.ts'
import { poolOf, type RolloutGate } from '../../shared/rollout-gate.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { Observation } from '../observation.ts'
import { replacePod } from './replace-pod.ts'

/**
 * Deletes the pod when the restart is in the status that was read. Before that, the decision tells what status has to say.
 * @param mayReplace whether the volume outlives the pod
 */
export async function restartStuckNode(
  observation: Observation,
  mayReplace: (pod: Readonly<Pod>) => boolean,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<StuckDecision> {
  const { node, pod } = observation
  const decision = stuckDecision(observation, mayReplace, dependencies.gate)
  if (decision.kind === 'restarting' && pod) await replacePod(node, pod, 'standing', dependencies, signal)
  return decision
}

export function stuckDecision(
  observation: Observation,
  mayReplace: (pod: Readonly<Pod>) => boolean,
  gate: Pick<RolloutGate, 'approveStuckRestart'>,
): StuckDecision {
  const { node, pod, now } = observation
  const { restartStuckAfter } = node.spec.healthPolicy ?? {}
  return decideStuckRestart({
    afterMs: restartStuckAfter === undefined ? undefined : parseGoDuration(restartStuckAfter),
    start: seidStart(pod),
    stuckSince: stuckSince(observation),
    restarts: node.status?.stuckRestarts ?? [],
    exemption: exemptionOf(observation),
    obstacle: obstacleOf(observation) ?? (pod && mayReplace(pod) ? undefined : 'its volume would be lost'),
    approve: () => gate.approveStuckRestart(node),
    now,
  })
}

/** As status has it, which outlives this process. A node whose chain stands still is not stuck, nor is one that nobody can be compared with. */
function stuckSince({ node, pod, chain, now }: Observation): number | undefined {
  if (chain?.kind !== 'Stuck' || chain.headHeight === undefined) return undefined
  const { state, containerID, since } = node.status?.chain ?? {}
  const isRecorded = state === 'Stuck' && containerID === seidStart(pod) && since !== undefined
  return isRecorded ? Date.parse(since) : now
}

/** Nobody but a pool knows whether the chain can spare a validator. A replayer follows no chain. */
function exemptionOf({ node, chain, chainAnswer }: Observation): string | undefined {
  if (node.spec.replayer) return 'it is a replayer'
  if (poolOf(node) !== undefined) return undefined
  const hasPower = (chainAnswer?.votingPower ?? 0) > 0 || (chain?.kind === 'Stuck' && chain.isValidator)
  return effectiveMode(node.spec) === 'validator' || hasPower
    ? 'it is a validator that no SeiNodePool has created'
    : undefined
}

/** What comes first, or would be disturbed by a restart. */
function obstacleOf(observation: Observation): string | undefined {
  const { spec, volumeBlock, key, plan, updatePlan, change, rollout, children, failure } = observation
  if (spec.blocks) return 'its spec is invalid'
  if (volumeBlock) return 'its volume waits for consent'
  if (key?.kind === 'refused' || key?.kind === 'waiting') return 'its signing key cannot be used'
  if (key?.kind === 'reserved' && key.rivals.length > 0) return 'another node runs its signing key'
  if (plan?.phase !== 'Complete') return 'its bootstrap is not complete'
  if (updatePlan?.phase === 'Active' || change?.kind !== 'none' || rollout?.kind !== 'current')
    return 'a change of its configuration or of its pod is under way'
  return failure || children.problem ? 'its spec has not reached the cluster' : undefined
}
