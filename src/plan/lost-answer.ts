/** Finds a task whose submission was never answered, in what the sidecar lists: `findLostTask`. */
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
 * The entry under which a sidecar that chooses ids of its own runs `request`. Only server-chosen (version 4) ids count:
 * a sidecar that honours ids would have answered for the derived one. Entries behind one that is known are older than
 * the submission that is looked for.
 * @param listed newest first, as GET /v0/tasks answers
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
