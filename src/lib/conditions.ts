/** Kubernetes status conditions: `mergeConditions` merges newly evaluated conditions into the list in status. */
import { clip } from './clip.ts'

export interface Condition<Type extends string = string, Reason extends string = string> {
  readonly type: Type
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: Reason
  readonly message: string
}

export interface StatusCondition extends Condition {
  readonly observedGeneration?: number
  /** RFC 3339; changes only when `status` changes. */
  readonly lastTransitionTime: string
}

/** Below the API server's limit. A sidecar's answer may contain whole files. */
const MESSAGE_LIMIT = 4096

/**
 * The evaluated conditions, in order, with `generation`. Condition types that are not evaluated are kept.
 * @param now RFC 3339
 */
export function mergeConditions(
  previous: readonly StatusCondition[],
  conditions: readonly Condition[],
  generation: number | undefined,
  now: string,
): StatusCondition[] {
  const evaluated = conditions.map(({ type, status, reason, message }): StatusCondition => {
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
  const foreign = previous.filter(({ type }) => !conditions.some(condition => condition.type === type))
  return [...evaluated, ...foreign]
}

export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find(condition => condition.type === type)
}
