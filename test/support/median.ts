/** How long something usually takes: `median`. On a busy machine the longest says nothing of the program. */

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
