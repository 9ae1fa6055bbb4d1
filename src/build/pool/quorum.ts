/** What a chain needs of its validators to go on: `tolerableLosses`. */

/** Validators of equal power that may be down while the chain goes on: it needs more than two thirds. */
export function tolerableLosses(validators: number): number {
  return Math.floor((validators - 1) / 3)
}
