/** The tasks that a node's sidecar received: `postedTasks`. */
import type { FakeSidecar } from '../../testing/fakes/sidecar/index.ts'
import { isRecord } from '../../src/sidecar/task-result.ts'

/** Type and parameters; parameters left out of the request are undefined. */
export type PostedTask = readonly [type: string, params?: unknown]

/** Tasks that the operator submits by schedule. */
const RECURRING: ReadonlySet<string> = new Set(['snapshot-upload', 'result-export'])

/** Every POST of a task since this start of the sidecar but for recurring ones, oldest first, repeats included. */
export function postedTasks(sidecar: FakeSidecar): readonly PostedTask[] {
  return sidecar.requests.flatMap(({ method, path, body }): PostedTask[] => {
    if (method !== 'POST' || path !== '/v0/tasks' || !isRecord(body)) return []
    const { type, params } = body
    if (typeof type !== 'string' || RECURRING.has(type)) return []
    return [params === undefined ? [type] : [type, params]]
  })
}
