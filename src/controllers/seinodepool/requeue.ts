/** When a pool's reconcile has to be repeated though nothing may change meanwhile: `nextRequeue`. Pure. */
import { type Requeue, soonest } from '../shared/requeue.ts'
import { evaluateProgress } from './conditions/progress.ts'
import type { PoolObservation } from './observation.ts'

/** What no watch shows: an object without our label that goes, a quota, a pod that fits nowhere; a height long after the last news. */
const SELDOM: Requeue = { backoffMaxMs: 30_000 }

/** Heights change several times a second, and nothing tells. */
const SOON: Requeue = { requeueAfterMs: 1_000 }

/** What was just found goes to status first; the next step follows at once. */
const AT_ONCE: Requeue = { requeueAfterMs: 0 }

export function nextRequeue(observation: PoolObservation): Requeue | undefined {
  const { growth, now } = observation
  const growsAgain = growth?.dueAt === undefined ? undefined : { requeueAfterMs: Math.max(0, growth.dueAt - now) }
  return soonest(nextStep(observation), growsAgain)
}

function nextStep(observation: PoolObservation): Requeue | undefined {
  const { ceremony, preparations, problem, chain, growth } = observation
  if (ceremony.kind === 'complete' && ceremony.isNew) return AT_ONCE
  const isPrepared = preparations?.every(({ kind }) => kind === 'prepared') === true
  if (isPrepared && preparations.some(each => each.kind === 'prepared' && each.isNew)) return AT_ONCE
  const isUnderWay =
    ceremony.kind === 'running' || ceremony.kind === 'stuck' || preparations?.some(({ kind }) => kind !== 'prepared')
  // What is refused is refused again a moment later, and what halts a rollout is mended by a change that watches tell of.
  const isHalted = evaluateProgress(observation).reason === 'RolloutHalted'
  if (problem || isHalted || chain.watch === 'seldom' || growth?.reason === 'GrowthRefused') return SELDOM
  return soonest(isUnderWay ? SELDOM : undefined, chain.watch === 'soon' ? SOON : undefined)
}
