/** Finds running recurring tasks that the node's spec does not ask for: `unwantedWork`, `replaceableLoops`. Pure. */
import type { WantedRecurring } from './recurring.ts'

interface ListedTask {
  readonly id: string
  readonly type: string
  readonly status: string
}

type Wanted = Pick<WantedRecurring, 'type' | 'once'>

const RECURRING: ReadonlySet<string> = new Set(['snapshot-upload', 'snapshot-upload-once', 'result-export'])

/**
 * Tasks that an operator started for this node, for an earlier spec of it, or for an earlier node on the same volume.
 * Tasks of other clients are not included.
 * @param knownIDs task ids that status accounts for
 */
export function unwantedWork<T extends ListedTask>(
  listed: readonly T[],
  wanted: readonly Wanted[],
  knownIDs: ReadonlySet<string>,
): readonly T[] {
  return underWay(listed, knownIDs).filter(({ type }) => !wanted.some(each => each.type === type || each.once === type))
}

/** Tasks that may never end, of a type that newer sidecars replace by a one-shot task. */
export function replaceableLoops<T extends ListedTask>(
  listed: readonly T[],
  wanted: readonly Wanted[],
  knownIDs: ReadonlySet<string>,
): readonly T[] {
  return underWay(listed, knownIDs).filter(({ type }) =>
    wanted.some(each => each.type === type && each.once !== undefined),
  )
}

function underWay<T extends ListedTask>(listed: readonly T[], knownIDs: ReadonlySet<string>): readonly T[] {
  return listed.filter(
    ({ id, type, status }) => status === 'running' && RECURRING.has(type) && (isDerived(id) || knownIDs.has(id)),
  )
}

/** Operators derive ids of version 5. Sidecars and most tools create random ids of version 4. */
function isDerived(id: string): boolean {
  return id[14] === '5'
}
