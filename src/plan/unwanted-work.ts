/** Recurring work under way in a sidecar that its node's spec does not ask for: `unwantedWork`, `replaceableLoops`. Pure. */
import type { WantedRecurring } from './recurring.ts'

interface ListedTask {
  readonly id: string
  readonly type: string
  readonly status: string
}

type Wanted = Pick<WantedRecurring, 'type' | 'once'>

const RECURRING: ReadonlySet<string> = new Set(['snapshot-upload', 'snapshot-upload-once', 'result-export'])

/**
 * What an operator started for this node, for an earlier spec of it, or for the node that used the volume before. A task
 * that someone else started is left alone.
 * @param knownIDs task ids that status accounts for
 */
export function unwantedWork<T extends ListedTask>(
  listed: readonly T[],
  wanted: readonly Wanted[],
  knownIDs: ReadonlySet<string>,
): readonly T[] {
  return underWay(listed, knownIDs).filter(({ type }) => !wanted.some(each => each.type === type || each.once === type))
}

/** Tasks that may never end, of a type for which newer sidecars have one that does. */
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

/** The ids that operators derive are of version 5; those that sidecars and most tools make are random, of version 4. */
function isDerived(id: string): boolean {
  return id[14] === '5'
}
