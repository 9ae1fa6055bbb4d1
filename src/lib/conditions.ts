/** Kubernetes status conditions: `mergeConditions` turns this round's verdicts into the list that status carries. */
import { clip } from './clip.ts'

export interface Condition<Type extends string = string, Reason extends string = string> {
  readonly type: Type
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: Reason
  readonly message: string
}

export interface StatusCondition extends Condition {
  readonly observedGeneration?: number
  /** RFC 3339; moves only when `status` does. */
  readonly lastTransitionTime: string
}

/** Shorter than what the API server admits: an answer of a sidecar may hold whole files. */
const MESSAGE_LIMIT = 4096

/**
 * The verdicts as conditions of `generation`, in their order. Condition types that this operator does not judge are kept.
 * @param now RFC 3339
 */
export function mergeConditions(
  previous: readonly StatusCondition[],
  verdicts: readonly Condition[],
  generation: number | undefined,
  now: string,
): StatusCondition[] {
  const judged = verdicts.map(({ type, status, reason, message }): StatusCondition => {
    const before = previous.find(condition => condition.type === type)
    return {
      type,
      status,
      reason,
      message: clip(message, MESSAGE_LIMIT),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : now,
    }
  })
  const foreign = previous.filter(condition => !verdicts.some(verdict => verdict.type === condition.type))
  return [...judged, ...foreign]
}

export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find(condition => condition.type === type)
}
