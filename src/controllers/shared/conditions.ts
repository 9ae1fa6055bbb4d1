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
import { type Condition, mergeConditions, type StatusCondition } from '../../lib/conditions.ts'

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

/** Reconciling and Stalled: what the operator brings about, or why it cannot. */
export function nodeProgress({ reason, message }: NodeFinding<'Reconciling'>): readonly Condition<NodeConditionType>[] {
  const stalled = isStalled(NODE_REASONS.Stalled, reason) ? { reason, message } : NOT_STALLED
  return [nodeCondition('Reconciling', { reason, message }), nodeCondition('Stalled', stalled)]
}

/** The same of a SeiNodePool. */
export function poolProgress({ reason, message }: PoolFinding<'Reconciling'>): readonly Condition<PoolConditionType>[] {
  const stalled = isStalled(POOL_REASONS.Stalled, reason) ? { reason, message } : NOT_STALLED
  return [poolCondition('Reconciling', { reason, message }), poolCondition('Stalled', stalled)]
}

const NOT_STALLED = { reason: 'NotStalled', message: 'nobody is needed' } as const

function isStalled<R extends string>(stalled: Readonly<Record<R, Reason>>, reason: string): reason is R {
  return Object.hasOwn(stalled, reason)
}

/** A type of v0.1.0, which Reconciling and Stalled replaced. */
const RETIRED = 'Progressing'

/** A type that is evaluated only for some specs: without it, what was said of it is over. */
const OPTIONAL: NodeConditionType & PoolConditionType = 'VolumeGrowth'

/**
 * The conditions of a status that is written now: those that were evaluated, and those of others.
 * @param stored conditions of the status so far
 * @param now RFC 3339
 */
export function mergedConditions(
  stored: readonly StatusCondition[] | undefined,
  evaluated: readonly Condition[],
  generation: number | undefined,
  now: string,
): StatusCondition[] {
  const isEvaluated = (type: string): boolean => evaluated.some(condition => condition.type === type)
  const kept = stored?.filter(({ type }) => type !== RETIRED && (type !== OPTIONAL || isEvaluated(type))) ?? []
  return mergeConditions(kept, evaluated, generation, now)
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
