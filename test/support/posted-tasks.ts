/** The tasks that a node's sidecar received: `postedTasks`; the clock decides about some of them: `isRecurring`. */
import type { FakeSidecar } from '../../testing/fakes/sidecar/index.ts'
import { isRecord } from '../../src/sidecar/task-result.ts'

/** Type and parameters; parameters left out of the request are undefined. */
export type PostedTask = readonly [type: string, params?: unknown]

const RECURRING: ReadonlySet<string> = new Set(['snapshot-upload', 'snapshot-upload-once', 'result-export'])

/** Whether the operator submits tasks of this type by schedule, whatever else happens. */
export function isRecurring(type: string): boolean {
  return RECURRING.has(type)
}

/** Every POST of a task since this start of the sidecar but for recurring ones, oldest first, repeats included. */
export function postedTasks(sidecar: FakeSidecar): readonly PostedTask[] {
  return sidecar.requests.flatMap(({ method, path, body }): PostedTask[] => {
    if (method !== 'POST' || path !== '/v0/tasks' || !isRecord(body)) return []
    const { type, params } = body
    if (typeof type !== 'string' || isRecurring(type)) return []
    return [params === undefined ? [type] : [type, params]]
  })
}
