/** Finds a task whose submission got no answer in the sidecar's task list: `findLostTask`. */
import { canonicalJson } from '../lib/canonical-json.ts'

interface ListedTask {
  readonly id: string
  readonly type: string
  readonly params?: Readonly<Record<string, unknown>>
}

interface SubmittedTask {
  readonly type: string
  readonly params?: Readonly<Record<string, unknown>>
}

/**
 * The entry of `request` in the list of a sidecar that ignores the ids of submissions. Only ids chosen by the sidecar
 * (version 4) count: a sidecar that honours ids would have found the derived one. The search ends at the first known
 * entry, because everything after it is older than the submission.
 * @param listed newest first, as in the answer to GET /v0/tasks
 * @param knownIDs ids that the stored plans already account for
 */
export function findLostTask<T extends ListedTask>(
  listed: readonly T[],
  request: SubmittedTask,
  knownIDs: ReadonlySet<string>,
): T | undefined {
  const params = canonicalJson(request.params ?? {})
  for (const task of listed) {
    if (knownIDs.has(task.id)) return undefined
    if (task.type === request.type && isServerChosen(task.id) && canonicalJson(task.params ?? {}) === params)
      return task
  }
  return undefined
}

function isServerChosen(id: string): boolean {
  return id[14] === '4'
}
