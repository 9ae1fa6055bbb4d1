/** Sends a task that may have been sent before, without its running twice: `submitOnce`. */
import { findLostTask } from '../../plan/lost-answer.ts'
import type { SidecarClient, TaskRequest, TaskResult } from '../../sidecar/client.ts'

/**
 * Asks for the task by the id that would be sent, and sidecars that choose ids of their own for their list; submits only
 * where neither knows it.
 * @param knownIDs task ids that status accounts for
 * @returns the id under which the sidecar knows the task
 * @throws SidecarError
 */
export async function submitOnce(
  sidecar: SidecarClient,
  request: TaskRequest,
  knownIDs: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string> {
  const earlier = await findSubmitted(sidecar, request, knownIDs, signal)
  return earlier?.id ?? (await sidecar.submit(request, signal))
}

/** The task as the sidecar has it already, if it does. */
export async function findSubmitted(
  sidecar: SidecarClient,
  request: TaskRequest,
  knownIDs: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<TaskResult | undefined> {
  const byID = await sidecar.task(request.id, signal)
  return byID ?? findLostTask(await sidecar.tasks(signal), request, knownIDs)
}
