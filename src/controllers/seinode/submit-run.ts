/** Starts a run of a recurring task, by the task that the sidecar's release has for it: `submitRun`. */
import type { WantedRecurring } from '../../plan/recurring.ts'
import type { SidecarClient } from '../../sidecar/client.ts'
import { isUnknownType } from './knows-task.ts'
import { submitOnce } from './submit-once.ts'

/**
 * A run that is under way is taken for the new one: one without end, which newer sidecars take up again after a restart,
 * may be that of a node before this one.
 * @param knownIDs task ids that status accounts for
 * @returns the id under which the sidecar knows the run
 * @throws SidecarError
 */
export async function submitRun(
  sidecar: SidecarClient,
  { type, once, params }: WantedRecurring,
  id: string,
  knownIDs: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string> {
  const listed = await sidecar.tasks(signal)
  const running = listed.find(task => task.status === 'running' && (task.type === type || task.type === once))
  if (running) return running.id
  const submit = (each: string): Promise<string> => submitOnce(sidecar, { id, type: each, params }, knownIDs, signal)
  if (once === undefined) return submit(type)
  try {
    return await submit(once)
  } catch (error) {
    if (!isUnknownType(error)) throw error
    return submit(type)
  }
}
