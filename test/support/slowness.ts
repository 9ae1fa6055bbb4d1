/** Warnings that the slow start of a pod on a busy machine may cause: `SLOW_START`. */

/** Allowed where a pod or a sidecar starts, and nowhere else. */
export const SLOW_START: ReadonlySet<string> = new Set(['PodRefused', 'Unschedulable', 'Unreachable'])
