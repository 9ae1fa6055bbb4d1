/** Sends a task of a plan at most once: `submitOnce`, with what this process knows of the current submission beyond what status says: `PlanCursor`. */
import { findLostTask } from '../../../plan/lost-answer.ts'
import type { SidecarClient, TaskRequest, TaskResult } from '../../../sidecar/client.ts'

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

/**
 * Status is not written before every submission, so after a restart a Pending task may be running all the same. A cursor
 * is certain that nothing was sent only for a task that this process itself made current, by creating the plan or by
 * sending the task before it: whoever sent that one may have gone on to the next.
 */
export class PlanCursor {
  #unsent: string | undefined
  #sent: string | undefined

  /** The task is current now and nobody has sent it. */
  markUnsent(planID: string, index: number, attempt: number): void {
    this.#unsent = position(planID, index, attempt)
  }

  /** A submission is under way: until an answer is here, it may have been taken. */
  markSent(planID: string, index: number, attempt: number): void {
    this.#sent = position(planID, index, attempt)
    this.#unsent = undefined
  }

  isUnsent(planID: string, index: number, attempt: number): boolean {
    return this.#unsent === position(planID, index, attempt)
  }

  /** Whether the last task that this process sent is that one. */
  isSent(planID: string, index: number, attempt: number): boolean {
    return this.#sent === position(planID, index, attempt)
  }
}

function position(planID: string, index: number, attempt: number): string {
  return `${planID}/${index}/${attempt}`
}
