/** The sidecar tasks that make up a bootstrap. */

/** In the order in which a bootstrap runs them. */
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

/** Narrows a type read from status, where an operator of another version may have written one that is unknown here. */
export function isTaskType(type: string): type is TaskType {
  return known.has(type)
}
