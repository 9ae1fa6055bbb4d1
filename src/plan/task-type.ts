/** The sidecar tasks that make up a bootstrap. */

/** In bootstrap order. */
export const TASK_TYPES = [
  'snapshot-restore',
  'configure-genesis',
  'config-apply',
  'discover-peers',
  'configure-state-sync',
  'config-validate',
  'mark-ready',
] as const

export type TaskType = (typeof TASK_TYPES)[number]

const known: ReadonlySet<string> = new Set(TASK_TYPES)

/** Narrows a type read from status, which an operator of another version may have written. */
export function isTaskType(type: string): type is TaskType {
  return known.has(type)
}
