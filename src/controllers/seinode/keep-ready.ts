/** Keeps a bootstrapped node's sidecar ready, so that the kubelet lets seid run: `keepReady`. */
import type { IdentifiedPlan } from '../../plan/init-plan.ts'
import type { SidecarClient } from '../../sidecar/client.ts'
import type { Again } from '../shared/again.ts'
import type { NodeDependencies } from './dependencies.ts'
import type { NodeMemory } from './memory.ts'
import type { RunningSidecar } from '../shared/pod-state.ts'
import { waitFor } from './plan-runner.ts'
import { restoreReadiness } from './readiness.ts'
import type { SidecarRound } from './round.ts'
import { waitForSidecar } from './wait-for-sidecar.ts'

/** The kubelet asks every second. Milliseconds. */
export const RELEASE_CHECK_MS = 5_000
/** How often a sidecar that gives no sign is asked whether it is still ready. Milliseconds. */
const SAFETY_PROBE_MS = 300_000

export interface Readiness {
  readonly sidecar: SidecarRound
  readonly again: Again
}

/**
 * The kubelet's word that the sidecar has started over is the signal; a slow probe is the safety net. Rejects only when
 * `signal` aborts.
 */
export async function keepReady(
  plan: IdentifiedPlan,
  state: RunningSidecar,
  client: SidecarClient,
  memory: NodeMemory,
  { clock }: Pick<NodeDependencies, 'clock'>,
  signal: AbortSignal,
): Promise<Readiness> {
  const now = clock.now()
  const known = memory.ready?.containerID === state.containerID ? memory.ready.at : undefined
  const interval = state.started ? SAFETY_PROBE_MS : RELEASE_CHECK_MS
  const sidecar: SidecarRound = { kind: state.started ? 'ready' : 'released' }
  if (known !== undefined && now - known < interval) {
    return { sidecar, again: { requeueAfterMs: known + interval - now } }
  }
  try {
    await restoreReadiness(client, plan.id, state.containerID, signal)
    memory.ready = { containerID: state.containerID, at: now }
    return { sidecar, again: { requeueAfterMs: interval } }
  } catch (error) {
    return waitForSidecar(waitFor(error), state, now)
  }
}
