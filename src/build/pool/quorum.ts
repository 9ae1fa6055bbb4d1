/** How many validators a chain can lose and still make blocks: `tolerableLosses`. */

/** The number of validators that may be down: a chain needs more than two thirds of the power, and all have the same. */
export function tolerableLosses(validators: number): number {
  return Math.floor((validators - 1) / 3)
}
