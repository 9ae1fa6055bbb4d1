/** `kubectl sei pause` and `resume`: spec.paused; `preparePause`, `prepareResume`. */
import { findCondition } from '../../lib/conditions.ts'
import { PluginError } from '../exit-code.ts'
import { type Action, type ActionContext, nameOf } from './action.ts'
import type { Outcome } from './follow.ts'
import { conditionsOf, readAgain, stalledOutcome, waitingOutcome } from './look.ts'
import { setPaused } from './writes.ts'

export function preparePause(context: ActionContext): Action {
  const { target, cluster } = context
  if (target.object.spec.paused === true) throw new PluginError(`${nameOf(target)} is paused already`)
  const ofPool = {
    node: 'Its pod keeps running. If the pod ends, seid does not start in the next one until you resume the node. A rollout of its pool or chain waits for it.',
    pool: 'Its nodes keep running, and each of them is still operated. No change of the pool reaches them.',
  }
  return {
    says: [
      `spec.paused of ${nameOf(target)} is set to true. The operator changes nothing for it until it is resumed.`,
      ofPool[target.kind],
    ],
    steps: [
      {
        act: () => setPaused(cluster.client, target, true),
        look: async (): Promise<Outcome> => {
          const again = await readAgain(context)
          return isPaused(again)
            ? { kind: 'done', message: `${again.object.metadata.name}: paused` }
            : { kind: 'waiting', message: `${again.object.metadata.name}: the operator has not seen the change yet` }
        },
        what: 'the pause',
      },
    ],
  }
}

export function prepareResume(context: ActionContext): Action {
  const { target, cluster } = context
  if (target.object.spec.paused !== true) throw new PluginError(`${nameOf(target)} is not paused`)
  return {
    says: [
      `spec.paused of ${nameOf(target)} is set to false. The operator applies all changes that were made meanwhile, which may restart pods.`,
    ],
    steps: [
      {
        act: () => setPaused(cluster.client, target, false),
        look: async (): Promise<Outcome> => {
          const again = await readAgain(context)
          const { name, generation = 0 } = again.object.metadata
          const isSeen = !isPaused(again) && (again.object.status?.observedGeneration ?? 0) >= generation
          if (!isSeen) return { kind: 'waiting', message: `${name}: the operator has not seen the change yet` }
          const isReady = findCondition(conditionsOf(again), 'Ready')?.status === 'True'
          if (isReady) return { kind: 'done', message: `${name}: resumed and Ready` }
          return stalledOutcome(again) ?? waitingOutcome(again)
        },
        what: 'Ready',
      },
    ],
  }
}

function isPaused(target: ActionContext['target']): boolean {
  return findCondition(conditionsOf(target), 'Paused')?.status === 'True'
}
