/** A condition whose status follows from its reason: `verdict`. */
import { NODE_REASONS, type NodeConditionType, type NodeReason } from '../../api/conditions.ts'
import type { Reason } from '../../api/reason.ts'
import type { Verdict } from '../../lib/conditions.ts'

/** What was found about one condition; `message` is for people. */
export interface Judgement<T extends NodeConditionType> {
  readonly reason: NodeReason<T>
  readonly message: string
}

export function verdict<T extends NodeConditionType>(
  type: T,
  { reason, message }: Judgement<T>,
): Verdict<NodeConditionType> {
  return { type, status: reasonOf(type, reason).status, reason, message }
}

export function reasonOf(type: NodeConditionType, reason: string): Reason {
  const reasons: Readonly<Record<string, Reason>> = NODE_REASONS[type]
  const known = reasons[reason]
  if (!known) throw new Error(`condition ${type}: expected a reason of its list, found ${reason}`)
  return known
}
