/** Lets seid start, and start again after its sidecar restarted: `keepReady`; what the status says while a sidecar has to be waited for: `waitForSidecar`. */
import type { IdentifiedPlan } from '../../../plan/init-plan.ts'
import { readinessTaskID } from '../../../plan/task-id.ts'
import type { SidecarClient } from '../../../sidecar/client.ts'
import type { Requeue } from '../../shared/requeue.ts'
import type { RunningSidecar } from '../../shared/pods/pod-state.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { NodeLocalState } from '../local-state.ts'
import { type PlanWait, waitFor } from './plan-runner.ts'
import type { SidecarObservation } from '../observation.ts'

/**
 * Submits a mark-ready when the sidecar says that it is not ready: its ready flag does not survive a restart. Each start of
 * the sidecar gets an id of its own, since sidecars that keep their tasks on the volume run a completed id no more.
 * @param containerID names this start of the sidecar
 * @throws SidecarError when the sidecar does not answer, or is busy
 */
export async function restoreReadiness(
  sidecar: SidecarClient,
  planID: string,
  containerID: string,
  signal: AbortSignal,
): Promise<'was-ready' | 'submitted' | 'running'> {
  if ((await sidecar.health(signal)) === 'ready') return 'was-ready'
  for (let repeat = 0; ; repeat++) {
    const id = readinessTaskID(planID, containerID, repeat)
    const known = await sidecar.task(id, signal)
    if (known?.status === 'running') return 'running'
    // Completed, and not ready all the same: someone marked the sidecar not ready since.
    if (known) continue
    await sidecar.submit({ id, type: 'mark-ready' }, signal)
    return 'submitted'
  }
}

/** The kubelet asks every second. Milliseconds. */
export const RELEASE_CHECK_MS = 5_000
/** How often a sidecar that gives no sign is asked whether it is still ready. Milliseconds. */
const SAFETY_PROBE_MS = 300_000

export interface Readiness {
  readonly sidecar: SidecarObservation
  readonly requeue: Requeue
}

/**
 * The kubelet's word that the sidecar has started over is the signal; a slow probe is the safety net. Rejects only when
 * `signal` aborts.
 */
export async function keepReady(
  plan: IdentifiedPlan,
  state: RunningSidecar,
  client: SidecarClient,
  local: NodeLocalState,
  { clock }: Pick<NodeDependencies, 'clock'>,
  signal: AbortSignal,
): Promise<Readiness> {
  const now = clock.now()
  const known = local.ready?.containerID === state.containerID ? local.ready.at : undefined
  const interval = state.started ? SAFETY_PROBE_MS : RELEASE_CHECK_MS
  const sidecar: SidecarObservation = { kind: state.started ? 'ready' : 'released' }
  if (known !== undefined && now - known < interval) {
    return { sidecar, requeue: { requeueAfterMs: known + interval - now } }
  }
  try {
    await restoreReadiness(client, plan.id, state.containerID, signal)
    local.ready = { containerID: state.containerID, at: now }
    return { sidecar, requeue: { requeueAfterMs: interval } }
  } catch (error) {
    return waitForSidecar(waitFor(error), state, now)
  }
}

/** A container may take this long from its start until it listens; until then a refused connection is no trouble. */
const STARTING_MS = 5_000
/** What AWS refuses for a while is not asked for much more often. Milliseconds. */
const SLOWEST_LOOKUP_MS = 30_000
/** What a task waits for is watched; this is for what no watch shows. Milliseconds. */
export const SLOWEST_HOLD_MS = 30_000
/** A sidecar that refuses connections, or answers with errors, is asked again after this long at most. Milliseconds. */
const SLOWEST_RETRY_MS = 5_000
const FIRST_RETRY_MS = 250

/**
 * @param now milliseconds since the epoch
 * @param isFurther whether the reconcile completed a task: delays begin anew then. Sidecars before v0.0.18 say 409 after every
 *   task for a moment, and delays that went on doubling would make seconds of each.
 */
export function waitForSidecar(
  wait: PlanWait,
  { startedAt }: RunningSidecar,
  now: number,
  isFurther = false,
): { readonly sidecar: SidecarObservation; readonly requeue: Requeue; readonly peersUnresolved?: string } {
  const requeue: Requeue = isFurther ? { requeueAfterMs: FIRST_RETRY_MS } : { backoffMaxMs: SLOWEST_RETRY_MS }
  switch (wait.kind) {
    case 'running':
      return { sidecar: { kind: 'bootstrapping' }, requeue: { requeueAfterMs: wait.requeueAfterMs } }
    case 'blocked':
      return { sidecar: { kind: 'bootstrapping', block: wait.message }, requeue: { backoffMaxMs: SLOWEST_HOLD_MS } }
    case 'forgotten':
      return { sidecar: { kind: 'bootstrapping' }, requeue }
    case 'unresolved':
      return {
        sidecar: { kind: 'bootstrapping' },
        requeue: { backoffMaxMs: SLOWEST_LOOKUP_MS },
        peersUnresolved: wait.message,
      }
    case 'busy':
      return { sidecar: { kind: 'busy', message: wait.message }, requeue }
    case 'unreachable': {
      const isYoung = startedAt !== undefined && now - startedAt < STARTING_MS
      // One that is silent is asked less and less often: a reconcile before that would learn nothing.
      const { retryAfterMs } = wait
      return {
        sidecar: isYoung ? { kind: 'starting' } : { kind: 'unreachable', message: wait.message },
        requeue: retryAfterMs === undefined || isFurther ? requeue : { requeueAfterMs: retryAfterMs },
      }
    }
  }
}
