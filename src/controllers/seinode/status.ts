/** The status of a SeiNode, from what a reconcile observed: `buildStatus`; its write, with the events of the change: `reportStatus`. */
import { effectiveMode } from '../../api/mode.ts'
import type { SeiNodeStatus, TaskPlan } from '../../api/seinode-status.ts'
import type { Phase } from '../../api/status.ts'
import { childNames } from '../../build/names.ts'
import { withFollowed, withRestart } from '../../plan/stuck-restart.ts'
import { appliedConfigOf, completedCount } from '../../plan/task-plan.ts'
import { mergedConditions } from '../shared/conditions.ts'
import { nodeConditions } from './conditions/node-conditions.ts'
import { growthStatus } from './conditions/volume-growth.ts'
import { volumeRecord } from './conditions/volume-space.ts'
import { seidStart, seidState } from '../shared/pods/pod-state.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { InitPlanChange } from '../../plan/init-plan.ts'
import type { NodeDependencies } from './dependencies.ts'
import { transitionEvents } from './events.ts'
import type { Observation } from './observation.ts'
import { nodeWriter } from './owner.ts'
import { storedHeight } from './upgrades/stored-height.ts'
import { upgradeStatus } from './upgrades/upgrade-status.ts'

export function buildStatus(observation: Observation): SeiNodeStatus {
  const { node, children, recurring } = observation
  const initPlan = withCaughtUp(observation.plan ?? node.status?.initPlan, observation)
  const { generation } = node.metadata
  const uid = children.dataVolume?.metadata?.uid
  const now = new Date(observation.now).toISOString()
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: phaseOf(observation),
    mode: node.spec.replayer ? 'replayer' : effectiveMode(node.spec),
    conditions: mergedConditions(node.status?.conditions, nodeConditions(observation), generation, now),
    dataVolume: {
      claimName: childNames(node).dataVolume,
      ...(uid === undefined ? {} : { uid }),
      ...volumeRecord(observation),
      ...growthStatus(observation),
    },
    ...(node.status?.validator ? { validator: node.status.validator } : {}),
    ...configuration(observation),
    ...(initPlan ? { initPlan } : {}),
    ...upgradeStatus(observation),
    ...(observation.rolloutStatus ? { rollout: observation.rolloutStatus } : {}),
    ...chainRecord(observation),
    ...haltRecord(observation),
    ...stuckRestarts(observation),
    ...(recurring.tasks.length > 0 ? { recurringTasks: [...recurring.tasks] } : {}),
  }
}

/** Remembered for good: from then on the node has no need of what state sync was set up with. */
function withCaughtUp(plan: TaskPlan | undefined, { node, pod, chain, now }: Observation): TaskPlan | undefined {
  if (plan?.phase !== 'Complete' || plan.caughtUpAt !== undefined) return plan
  if (!seidState(pod).ready || chain?.kind !== 'Following') return plan
  const stored = node.status?.initPlan
  const known = stored?.id === plan.id ? stored?.caughtUpAt : undefined
  return { ...plan, caughtUpAt: known ?? new Date(now).toISOString() }
}

/** Written on transitions alone: heights that rise are metrics. */
function chainRecord({ node, pod, chain, chainAnswer, upgrades, now }: Observation): Pick<SeiNodeStatus, 'chain'> {
  const { chain: stored } = node.status ?? {}
  const start = seidStart(pod)
  const time = new Date(now).toISOString()
  if (start === undefined) {
    if (!stored || stored.state === 'Unknown') return stored ? { chain: stored } : {}
    // The height at which it stopped: where its words are lost, it tells what it stopped for.
    const { lastHeight = storedHeight(node) } = upgrades?.outlook ?? {}
    const { height: _, ...rest } = stored
    return {
      chain: { ...rest, state: 'Unknown', since: time, ...(lastHeight === undefined ? {} : { height: lastHeight }) },
    }
  }
  if (!chain) return stored ? { chain: stored } : {}
  const { nodeID = stored?.nodeId, validatorAddress, votingPower = 0 } = chainAnswer ?? {}
  const isKnown = stored?.state === chain.kind && stored.containerID === start
  const isSameStart = stored?.containerID === start
  const height = isKnown ? stored.height : 'height' in chain ? chain.height : isSameStart ? stored.height : undefined
  // A change that takes the power away is seen by what was there before it.
  const isKept = !chainAnswer || node.status?.rollout?.phase === 'Underway'
  const address = votingPower > 0 ? validatorAddress : isKept ? stored?.validatorAddress : undefined
  const firstFollowedAt = stored?.firstFollowedAt ?? (chain.kind === 'Following' ? time : undefined)
  return {
    chain: {
      state: chain.kind,
      since: isKnown ? stored.since : time,
      containerID: start,
      ...(height === undefined ? {} : { height }),
      ...(nodeID === undefined ? {} : { nodeId: nodeID }),
      ...(address === undefined ? {} : { validatorAddress: address }),
      ...(firstFollowedAt === undefined ? {} : { firstFollowedAt }),
    },
  }
}

/** A volume that cannot be read does not end a halt: the next image may have no command that tells its height. */
function haltRecord({ node, halt }: Observation): Pick<SeiNodeStatus, 'halt'> {
  if (halt?.kind === 'unreadable' && node.status?.halt) return { halt: node.status.halt }
  if (halt?.kind !== 'halted') return {}
  const { height, targetHeight } = halt
  return { halt: { height, targetHeight } }
}

function stuckRestarts({ node, chain, stuckRestart, now }: Observation): Pick<SeiNodeStatus, 'stuckRestarts'> {
  const stored = node.status?.stuckRestarts ?? []
  const followed = chain?.kind === 'Following' ? withFollowed(stored, now) : stored
  const restarts = stuckRestart?.kind === 'recording' ? withRestart(followed, stuckRestart.start, now) : followed
  return restarts.length === 0 ? {} : { stuckRestarts: [...restarts] }
}

/**
 * What is on the volume; one that is yet to be bootstrapped, or bootstrapped anew, has nothing. Of a plan that is yet to
 * be taken over from another operator it is not known.
 */
function configuration({ node, plan, updatePlan, appliedConfig }: Observation): Partial<SeiNodeStatus> {
  if (plan?.phase !== 'Complete' || plan.volumeUID === undefined) return {}
  return {
    appliedConfig: appliedConfig ?? node.status?.appliedConfig ?? appliedConfigOf(plan),
    ...(updatePlan ? { updatePlan } : {}),
  }
}

/** Running means: bootstrapped, and seid's container runs. */
function phaseOf({ plan, pod, sidecar, volumeBlock, halt }: Observation): Phase {
  if (volumeBlock) return seidState(pod).running ? 'Running' : 'Failed'
  if (plan?.phase === 'Failed') return 'Failed'
  if (halt?.kind === 'halted' && !seidState(pod).running) return 'Halted'
  if (plan?.phase === 'Complete') return seidState(pod).running ? 'Running' : 'Initializing'
  const begun = plan !== undefined && (sidecar.kind !== 'absent' || completedCount(plan) > 0)
  return begun ? 'Initializing' : 'Pending'
}

/**
 * Writes `status`, then the events of the change.
 * @param change what is new about the bootstrap plan in `status`
 * @returns the node as written
 */
export async function reportStatus(
  node: Readonly<SeiNode>,
  status: SeiNodeStatus,
  change: InitPlanChange,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<SeiNode>> {
  const news = (before: SeiNodeStatus | undefined, after: SeiNodeStatus) => transitionEvents(before, after, change)
  return nodeWriter(dependencies).report(node, status, { events: dependencies.events, news }, signal)
}
