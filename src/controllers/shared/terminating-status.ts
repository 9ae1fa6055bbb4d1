/** What the status of an object says while it is being deleted: `terminatingStatus`. Pure. */
import { mergeConditions, type StatusCondition, type Verdict } from '../../lib/conditions.ts'

interface Leaving<Status> {
  readonly metadata: { readonly generation?: number }
  readonly status?: Status
}

/**
 * The object's last status with the phase Terminating and these verdicts; all else of it stays to be read.
 * @param now epoch milliseconds
 */
export function terminatingStatus<Status extends { readonly conditions?: readonly StatusCondition[] }>(
  { metadata: { generation }, status }: Leaving<Status>,
  verdicts: readonly Verdict[],
  now: number,
) {
  return {
    ...status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: 'Terminating' as const,
    conditions: mergeConditions(status?.conditions ?? [], verdicts, generation, new Date(now).toISOString()),
  }
}
