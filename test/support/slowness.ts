/** Reasons of events that a busy machine brings about by itself: `SLOWNESS`. */

/** Told when the cluster takes its time, or when one watch is behind another: counted only where a test is about them. */
export const SLOWNESS: ReadonlySet<string> = new Set([
  'PodRefused',
  'StorageClassNotFound',
  'Unschedulable',
  'Unreachable',
])
