/** When a pool's round has to be repeated though nothing may change meanwhile: `nextLook`. Pure. */
import { type Again, soonest } from '../shared/again.ts'
import type { PoolRound } from './round.ts'

/** Problems that no watch shows going away: an object without our label, a class, a quota; a pod that fits on no node. */
const RETRY: Again = { backoffMaxMs: 30_000 }

/** Heights change several times a second, and nothing tells. */
const HEIGHTS: Again = { requeueAfterMs: 1_000 }

/** What was just found goes to status first; the next step follows at once. */
const AT_ONCE: Again = { requeueAfterMs: 0 }

export function nextLook({ ceremony, preparations, problem, isWatchingHeights }: PoolRound): Again | undefined {
  if (ceremony.kind === 'complete' && ceremony.isNew) return AT_ONCE
  const isPrepared = preparations?.every(({ kind }) => kind === 'prepared') === true
  if (isPrepared && preparations.some(each => each.kind === 'prepared' && each.isNew)) return AT_ONCE
  const isHeld =
    problem !== undefined ||
    ceremony.kind === 'running' ||
    ceremony.kind === 'stuck' ||
    preparations?.some(({ kind }) => kind === 'waiting' || kind === 'running' || kind === 'stuck') === true
  return soonest(isHeld ? RETRY : undefined, isWatchingHeights ? HEIGHTS : undefined)
}
