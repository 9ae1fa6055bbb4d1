/** Lets seid start again after its sidecar restarted: `restoreReadiness`. */
import { readinessTaskID } from '../../plan/task-id.ts'
import type { SidecarClient } from '../../sidecar/client.ts'

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
