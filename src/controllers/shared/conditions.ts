/** Conditions of SeiNodes and SeiNodePools, whose status follows from their reason: `nodeCondition`, `poolCondition`. */
import {
  NODE_REASONS,
  type NodeConditionType,
  type NodeReason,
  POOL_REASONS,
  type PoolConditionType,
  type PoolReason,
} from '../../api/conditions.ts'
import type { Reason } from '../../api/reason.ts'
import type { Condition } from '../../lib/conditions.ts'

/** What a check found about one condition of a SeiNode; `message` is for people. */
export interface NodeFinding<T extends NodeConditionType> {
  readonly reason: NodeReason<T>
  readonly message: string
}

/** The same of a SeiNodePool. */
export interface PoolFinding<T extends PoolConditionType> {
  readonly reason: PoolReason<T>
  readonly message: string
}

export function nodeCondition<T extends NodeConditionType>(
  type: T,
  { reason, message }: NodeFinding<T>,
): Condition<NodeConditionType> {
  return { type, status: nodeReason(type, reason).status, reason, message }
}

export function poolCondition<T extends PoolConditionType>(
  type: T,
  { reason, message }: PoolFinding<T>,
): Condition<PoolConditionType> {
  return { type, status: poolReason(type, reason).status, reason, message }
}

/** @throws Error where the condition has no such reason */
export function nodeReason(type: NodeConditionType, reason: string): Reason {
  return known(NODE_REASONS[type], type, reason)
}

/** @throws Error where the condition has no such reason */
export function poolReason(type: PoolConditionType, reason: string): Reason {
  return known(POOL_REASONS[type], type, reason)
}

function known(reasons: Readonly<Record<string, Reason>>, type: string, reason: string): Reason {
  const found = reasons[reason]
  if (!found) throw new Error(`condition ${type}: expected a reason of its list, found ${reason}`)
  return found
}
