/** What a round says, and when the next one is, while a sidecar has to be waited for: `waitForSidecar`. Pure. */
import type { Again } from '../shared/again.ts'
import type { PlanWait } from './plan-runner.ts'
import type { RunningSidecar } from '../shared/pod-state.ts'
import type { SidecarRound } from './round.ts'

/** A container may take this long from its start until it listens; until then a refused connection is no trouble. */
const STARTING_MS = 5_000
/** What AWS refuses for a while is not asked for much more often. Milliseconds. */
const SLOWEST_LOOKUP_MS = 30_000
/** What a task waits for is watched; this is for what no watch shows. Milliseconds. */
export const SLOWEST_HOLD_MS = 30_000
/** A sidecar that refuses connections, or answers with errors, is asked again after this long at most. Milliseconds. */
const SLOWEST_RETRY_MS = 5_000
/** Milliseconds. */
const FIRST_RETRY_MS = 250

/**
 * @param now milliseconds since the epoch
 * @param isFurther whether the round completed a task: delays begin anew then. Sidecars before v0.0.18 say 409 after every
 *   task for a moment, and delays that went on doubling would make seconds of each.
 */
export function waitForSidecar(
  wait: PlanWait,
  { startedAt }: RunningSidecar,
  now: number,
  isFurther = false,
): { readonly sidecar: SidecarRound; readonly again: Again; readonly peersUnresolved?: string } {
  const again: Again = isFurther ? { requeueAfterMs: FIRST_RETRY_MS } : { backoffMaxMs: SLOWEST_RETRY_MS }
  switch (wait.kind) {
    case 'running':
      return { sidecar: { kind: 'bootstrapping' }, again: { requeueAfterMs: wait.requeueAfterMs } }
    case 'held':
      return { sidecar: { kind: 'bootstrapping', hold: wait.message }, again: { backoffMaxMs: SLOWEST_HOLD_MS } }
    case 'forgotten':
      return { sidecar: { kind: 'bootstrapping' }, again }
    case 'unresolved':
      return {
        sidecar: { kind: 'bootstrapping' },
        again: { backoffMaxMs: SLOWEST_LOOKUP_MS },
        peersUnresolved: wait.message,
      }
    case 'busy':
      return { sidecar: { kind: 'busy', message: wait.message }, again }
    case 'unreachable': {
      const isYoung = startedAt !== undefined && now - startedAt < STARTING_MS
      // One that is silent is asked less and less often: a reconcile before that would learn nothing.
      const { retryAfterMs } = wait
      return {
        sidecar: isYoung ? { kind: 'starting' } : { kind: 'unreachable', message: wait.message },
        again: retryAfterMs === undefined || isFurther ? again : { requeueAfterMs: retryAfterMs },
      }
    }
  }
}
