/**
 * Which plan brings a changed configuration to a bootstrapped node: `currentUpdatePlan`. Pure.
 *
 * The plan runs while seid runs on; once it is complete, the pod is restarted once, for seid reads its files at start.
 */
import type { SeiNodeStatus, TaskPlan } from '../api/seinode-status.ts'
import type { SeiNode } from '../api/seinode.ts'
import { MAX_OVERRIDE_KEYS } from '../api/limits.ts'
import { PEERS_KEY, RETRY_ANNOTATION } from '../api/names.ts'
import { stableHash } from '../lib/stable-hash.ts'
import { discoversPeers } from './peers.ts'
import type { IdentifiedPlan, PlanContext } from './init-plan.ts'
import { type AppliedConfig, appliedConfigOf, currentTask, newPlan, retryPlan, retryToken } from './task-plan.ts'
import type { TaskType } from './task-type.ts'

export type UpdatePlanChange = 'none' | 'created' | 'retried'

export interface CurrentUpdatePlan {
  /** Undefined where the node has the configuration that its spec asks for. */
  readonly plan: IdentifiedPlan | undefined
  readonly change: UpdatePlanChange
}

/** For a node whose bootstrap is complete on the volume that it has. */
export function currentUpdatePlan(
  node: SeiNode,
  { volumeUID, config: { hash: wanted }, mayBeInFlight }: PlanContext,
  newID: () => string,
): CurrentUpdatePlan {
  const { updatePlan: stored, appliedConfig } = node.status ?? {}
  const token = node.metadata.annotations?.[RETRY_ANNOTATION]
  const fresh = (): CurrentUpdatePlan => {
    const plan = {
      ...newPlan(updateTasks(node), volumeUID),
      id: newID(),
      configHash: wanted,
      overrideKeys: presentKeys(node.status),
    }
    const handled = token === undefined ? {} : { retryHandled: retryToken(token) }
    return { plan: { ...plan, ...handled, ...superseded(stored) }, change: 'created' }
  }
  if (!isOpen(stored)) {
    return appliedConfig === undefined || appliedConfig.hash === wanted ? { plan: undefined, change: 'none' } : fresh()
  }
  if (stored.configHash === wanted) {
    const plan = token === undefined ? stored : { ...retryPlan(stored, token), id: stored.id }
    return { plan, change: plan.phase === stored.phase ? 'none' : 'retried' }
  }
  // A task in flight is let finish: the sidecar may run what it is sent in parallel.
  const current = currentTask(stored)
  const isInFlight = current !== undefined && (mayBeInFlight || current.task.status === 'Submitted')
  return isInFlight ? { plan: stored, change: 'none' } : fresh()
}

/** That an unfinished plan has written to the volume, where it may have: seid can have been started with it since. */
function superseded(plan: TaskPlan | undefined): { readonly supersedes?: string } {
  if (!isOpen(plan)) return {}
  if (plan.supersedes !== undefined) return { supersedes: plan.supersedes }
  return plan.tasks[0]?.status === 'Pending' ? {} : { supersedes: plan.id }
}

/**
 * The override keys on the node's volume that the spec asks for no more. Only a full rewrite takes a key away.
 * @param wanted keys that config-apply would set now
 */
export function removedKeys(status: SeiNodeStatus | undefined, wanted: readonly string[]): readonly string[] {
  return [...new Set(presentKeys(status)).difference(new Set([...wanted, PEERS_KEY]))]
}

/** Keys that may be set on the volume: those of the last complete plan, and of unfinished ones since. */
function presentKeys(status: SeiNodeStatus | undefined): string[] {
  const open = isOpen(status?.updatePlan) ? (status.updatePlan.overrideKeys ?? []) : []
  const keys = new Set([...(status?.appliedConfig?.overrideKeys ?? []), ...open])
  return [...keys].slice(0, MAX_OVERRIDE_KEYS)
}

/** What a complete update plan left on the volume. */
export function updatedConfig(plan: TaskPlan): AppliedConfig {
  const config = appliedConfigOf(plan)
  return plan.supersedes === undefined ? config : { ...config, restart: stableHash([config.hash, plan.id]) }
}

/** A hash that the pod's template carries, so that a change of configuration restarts the pod: none for the first one. */
export function restartHash(status: SeiNodeStatus | undefined): string | undefined {
  const { appliedConfig, initPlan } = status ?? {}
  if (appliedConfig?.restart !== undefined) return appliedConfig.restart
  return appliedConfig?.hash === initPlan?.configHash ? undefined : appliedConfig?.hash
}

function updateTasks({ spec }: SeiNode): readonly TaskType[] {
  return discoversPeers(spec)
    ? ['config-apply', 'discover-peers', 'config-validate']
    : ['config-apply', 'config-validate']
}

function isOpen(plan: TaskPlan | undefined): plan is IdentifiedPlan {
  return plan !== undefined && plan.id !== undefined && plan.phase !== 'Complete'
}
