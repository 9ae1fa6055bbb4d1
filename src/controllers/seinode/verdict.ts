/** A condition of a SeiNode whose status follows from its reason: `verdict`. */
import { NODE_REASONS, type NodeConditionType, type NodeReason } from '../../api/conditions.ts'
import type { Reason } from '../../api/reason.ts'
import type { Verdict } from '../../lib/conditions.ts'
import { reasonIn, verdictIn } from '../shared/verdict.ts'

/** What was found about one condition; `message` is for people. */
export interface Judgement<T extends NodeConditionType> {
  readonly reason: NodeReason<T>
  readonly message: string
}

export function verdict<T extends NodeConditionType>(type: T, judgement: Judgement<T>): Verdict<NodeConditionType> {
  return verdictIn(NODE_REASONS, type, judgement)
}

export function reasonOf(type: NodeConditionType, reason: string): Reason {
  return reasonIn(NODE_REASONS, type, reason)
}
