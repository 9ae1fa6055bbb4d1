/** Parses a task from a sidecar's answer. Lenient, because the sidecar may be newer than the operator. */
import type { TaskResult, TaskStatus } from './client.ts'

/** Undefined if `value` has no id or no type. Unknown fields are ignored; an unknown status becomes `running`. */
export function readTaskResult(value: unknown): TaskResult | undefined {
  if (!isRecord(value)) return undefined
  const { id, type } = value
  if (typeof id !== 'string' || id === '' || typeof type !== 'string') return undefined
  return {
    id,
    type,
    status: readStatus(value['status']),
    ...(isRecord(value['params']) && { params: value['params'] }),
    ...stringField(value, 'error'),
    ...stringField(value, 'submittedAt'),
    ...stringField(value, 'completedAt'),
    ...(typeof value['run'] === 'number' && { run: value['run'] }),
    ...(isRecord(value['result']) && { result: value['result'] }),
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readStatus(status: unknown): TaskStatus {
  return status === 'completed' || status === 'failed' ? status : 'running'
}

function stringField<K extends string>(from: Readonly<Record<string, unknown>>, key: K): { [key in K]?: string } {
  const value = from[key]
  if (typeof value !== 'string' || value === '') return {}
  const field: { [key in K]?: string } = {}
  field[key] = value
  return field
}
