/** The height that a node's status has of the state on its volume: `storedHeight`. Pure. */
import type { SeiNode } from '../../../api/seinode.ts'
import { lastEndOf } from '../../../plan/task-plan.ts'

/** That of the last transition; undefined where it was before the end of the bootstrap, of an earlier state. */
export function storedHeight({ status: { chain, initPlan } = {} }: Readonly<SeiNode>): number | undefined {
  return chain && Date.parse(chain.since) >= lastEndOf(initPlan) ? chain.height : undefined
}
