/** When a node is reconciled again though nothing may have changed: `Requeue`, `soonest`. */

/** After a fixed time, after a delay that doubles from one time to the next up to `backoffMaxMs`, or both. Milliseconds. */
export interface Requeue {
  readonly requeueAfterMs?: number
  readonly backoffMaxMs?: number
}

/** Both wishes: the earliest time, and the delay with the lower bound. */
export function soonest(a: Requeue | undefined, b: Requeue | undefined): Requeue | undefined {
  if (!a || !b) return a ?? b
  const requeueAfterMs = lower(a.requeueAfterMs, b.requeueAfterMs)
  const backoffMaxMs = lower(a.backoffMaxMs, b.backoffMaxMs)
  return {
    ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
    ...(backoffMaxMs === undefined ? {} : { backoffMaxMs }),
  }
}

function lower(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}
