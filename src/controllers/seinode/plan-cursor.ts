/** What this process knows of one node's current submission, beyond what status says: `PlanCursor`. */

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
