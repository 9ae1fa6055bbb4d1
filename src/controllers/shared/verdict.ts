/** Conditions whose status follows from their reason: `verdictIn`, `reasonIn`. */
import type { Reason } from '../../api/reason.ts'
import type { Verdict } from '../../lib/conditions.ts'

/** By condition type, by reason. */
type Reasons = Readonly<Record<string, Readonly<Record<string, Reason>>>>

export function verdictIn<T extends string, R extends string>(
  reasons: Reasons,
  type: T,
  { reason, message }: { readonly reason: R; readonly message: string },
): Verdict<T, R> {
  return { type, status: reasonIn(reasons, type, reason).status, reason, message }
}

export function reasonIn(reasons: Reasons, type: string, reason: string): Reason {
  const known = reasons[type]?.[reason]
  if (!known) throw new Error(`condition ${type}: expected a reason of its list, found ${reason}`)
  return known
}
