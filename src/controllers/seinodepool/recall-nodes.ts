/** What came of the last apply of each SeiNode of a pool, found out again after a restart of the operator: `recallNodes`. */
import { seiNodes } from '../../api/resources.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { isAppliedAs } from '../../build/applied-hash.ts'
import { differences } from '../../lib/subset.ts'
import { rehearseApply } from '../shared/apply-child.ts'
import type { PoolDependencies } from './dependencies.ts'
import { membersOf, nodeChild, type PoolMember } from './members.ts'

/**
 * A node that differs from what was applied was rewritten by admission, or edited since. Only the edit is undone, and waits
 * for its turn. A dry run tells which of both it is.
 * @returns the members, judged by what is known now
 */
export async function recallNodes(
  pool: SeiNodePool,
  peers: readonly string[] | undefined,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<readonly PoolMember[]> {
  const { client, verified } = dependencies
  const members = membersOf(pool, peers, dependencies)
  for (const { spec, desired, live, names } of members) {
    if (spec === 'current') verified.noteAnswer(seiNodes.kind, names.node, differences(desired, live))
  }
  const unknown = members.filter(member => isUnknown(member, dependencies))
  if (unknown.length === 0) return members
  await Promise.all(
    unknown.map(async member => {
      if (member.live) await rehearseApply(client, nodeChild(member, dependencies), member.live, signal)
    }),
  )
  return membersOf(pool, peers, dependencies)
}

function isUnknown({ names, desired, live, spec }: PoolMember, { verified }: PoolDependencies): boolean {
  if (spec !== 'outdated' || !live || !isAppliedAs(live, desired)) return false
  return verified.answerOf(seiNodes.kind, names.node) === undefined
}
