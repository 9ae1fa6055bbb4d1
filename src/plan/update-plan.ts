/**
 * Derives the plan that applies a changed configuration to a bootstrapped node: `currentUpdatePlan`. Pure.
 *
 * seid keeps running during the plan. After it the pod restarts once, because seid reads its files only at start.
 */
import type { SeiNodeStatus, TaskPlan } from '../api/seinode-status.ts'
import type { SeiNode } from '../api/seinode.ts'
import { MAX_OVERRIDE_KEYS } from '../api/limits.ts'
import { PEERS_KEY, RETRY_ANNOTATION } from '../api/names.ts'
import { stableHash } from '../lib/stable-hash.ts'
import { discoversPeers } from './peers.ts'
import type { IdentifiedPlan, PlanContext } from './init-plan.ts'
import {
  type AppliedConfig,
  appliedConfigOf,
  currentTask,
  failedTask,
  newPlan,
  resumed,
  retryPlan,
  retryToken,
} from './task-plan.ts'
import type { TaskType } from './task-type.ts'

export type UpdatePlanChange = 'none' | 'created' | 'retried'

export interface CurrentUpdatePlan {
  /** Undefined where the node's configuration is up to date. */
  readonly plan: IdentifiedPlan | undefined
  readonly change: UpdatePlanChange
}

export interface UpdateContext extends Omit<PlanContext, 'adopted' | 'isAccepted'> {
  /** The configuration is rewritten before the node has synced its state. */
  readonly resetsStateSync: boolean
  /** When the node's pod was created, RFC 3339. A new pod retries what failed in the one before. */
  readonly podCreatedAt: string | undefined
}

/** Requires that the node's bootstrap is complete on its current volume. */
export function currentUpdatePlan(
  node: SeiNode,
  { volumeUID, config: { hash: wanted }, mayBeInFlight, resetsStateSync: resets, podCreatedAt }: UpdateContext,
  newID: () => string,
): CurrentUpdatePlan {
  const { updatePlan: stored, appliedConfig } = node.status ?? {}
  const token = node.metadata.annotations?.[RETRY_ANNOTATION]
  const fresh = (): CurrentUpdatePlan => {
    const plan = {
      ...newPlan(updateTasks(node, resets), volumeUID),
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
  if (stored.configHash === wanted && isUntouched(stored) && resetsStateSync(stored) !== resets) return fresh()
  if (stored.configHash === wanted) {
    if (hasFailedBefore(stored, podCreatedAt)) return { plan: { ...resumed(stored), id: stored.id }, change: 'retried' }
    const plan = token === undefined ? stored : { ...retryPlan(stored, token), id: stored.id }
    return { plan, change: plan.phase === stored.phase ? 'none' : 'retried' }
  }
  // A task in flight finishes first: the sidecar may run tasks in parallel.
  const current = currentTask(stored)
  const isInFlight = current !== undefined && (mayBeInFlight || current.task.status === 'Submitted')
  return isInFlight ? { plan: stored, change: 'none' } : fresh()
}

function isUntouched({ tasks }: TaskPlan): boolean {
  return tasks.every(({ status }) => status === 'Pending')
}

/** Tolerated clock skew between API server and operator. A new pod takes longer than that to start. */
function hasFailedBefore(plan: TaskPlan, podCreatedAt: string | undefined): boolean {
  const failedAt = failedTask(plan)?.completedAt
  return failedAt !== undefined && podCreatedAt !== undefined && Date.parse(podCreatedAt) > Date.parse(failedAt)
}

/** Names an unfinished plan that may have written to the volume: seid may have started with what it wrote. */
function superseded(plan: TaskPlan | undefined): { readonly supersedes?: string } {
  if (!isOpen(plan)) return {}
  if (plan.supersedes !== undefined) return { supersedes: plan.supersedes }
  return plan.tasks[0]?.status === 'Pending' ? {} : { supersedes: plan.id }
}

/**
 * Override keys on the node's volume that are no longer in the spec. Only a full rewrite removes a key.
 * @param wanted keys that config-apply would set now
 */
export function removedKeys(status: SeiNodeStatus | undefined, wanted: readonly string[]): readonly string[] {
  return [...new Set(presentKeys(status)).difference(new Set([...wanted, PEERS_KEY]))]
}

/** Keys that may be set on the volume: those of the last complete plan and of unfinished plans since. */
function presentKeys(status: SeiNodeStatus | undefined): string[] {
  const open = isOpen(status?.updatePlan) ? (status.updatePlan.overrideKeys ?? []) : []
  const keys = new Set([...(status?.appliedConfig?.overrideKeys ?? []), ...open])
  return [...keys].slice(0, MAX_OVERRIDE_KEYS)
}

/** The configuration that a complete update plan applied. */
export function updatedConfig(plan: TaskPlan): AppliedConfig {
  const config = appliedConfigOf(plan)
  return plan.supersedes === undefined ? config : { ...config, restart: stableHash([config.hash, plan.id]) }
}

/**
 * The configuration hash for the pod template, so that a changed configuration restarts the pod; undefined for the
 * configuration of the bootstrap.
 * @param wanted hash of the desired configuration
 */
export function podConfigRevision(status: SeiNodeStatus | undefined, wanted: string): string | undefined {
  const { appliedConfig, initPlan, updatePlan } = status ?? {}
  if (initPlan?.phase !== 'Complete' || appliedConfig === undefined) return undefined
  const isOnItsWay = isOpen(updatePlan) && updatePlan.configHash === wanted
  const restart = isOnItsWay ? updatedConfig(updatePlan).restart : appliedConfig.restart
  const hash = isOnItsWay || appliedConfig.hash === wanted ? (restart ?? wanted) : wanted
  return hash === initPlan.configHash ? undefined : hash
}

/** Whether the plan configures state sync, which a full rewrite of the configuration erases. */
export function resetsStateSync(plan: TaskPlan | undefined): boolean {
  return plan?.tasks.some(({ type }) => type === 'configure-state-sync') === true
}

function updateTasks({ spec }: SeiNode, resets: boolean): readonly TaskType[] {
  const peers: readonly TaskType[] = discoversPeers(spec) ? ['discover-peers'] : []
  const stateSync: readonly TaskType[] = resets ? ['configure-state-sync'] : []
  return ['config-apply', ...peers, ...stateSync, 'config-validate']
}

/** Whether the plan is active, or failed and may be resumed. */
export function isOpen(plan: TaskPlan | undefined): plan is IdentifiedPlan {
  return plan !== undefined && plan.id !== undefined && plan.phase !== 'Complete'
}
