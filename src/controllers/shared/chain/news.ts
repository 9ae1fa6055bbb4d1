/** Whether another health of a node is worth a reconcile: `isNews`. Pure. */
import type { ChainHealth } from '../../../chain/health.ts'

/** The figures of a node that catches up are renewed this many times on its way. */
const STEPS = 10
/** A distance that grew by this factor is a new way. */
const SETBACK = 1.5

/** @param from the distance at which the node began to catch up, blocks; undefined if it is not known */
export function isNews(before: ChainHealth | undefined, after: ChainHealth, from: number | undefined): boolean {
  if (before?.kind !== after.kind) return true
  if (before.kind !== 'CatchingUp' || after.kind !== 'CatchingUp') return false
  // Near the head there are no figures; what was announced last is close enough.
  if (after.blocksLeft === undefined) return false
  if (before.blocksLeft === undefined || from === undefined) return true
  const step = (left: number): number => Math.floor((STEPS * (from - left)) / from)
  return step(after.blocksLeft) > step(before.blocksLeft) || after.blocksLeft > SETBACK * before.blocksLeft
}
