/** Warnings that the slow start of a pod on a busy machine may cause: `SLOW_START`. */

/** Allowed only where a pod or a sidecar starts. */
export const SLOW_START: ReadonlySet<string> = new Set(['PodRefused', 'Unreachable'])
