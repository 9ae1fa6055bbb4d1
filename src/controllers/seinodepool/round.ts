/** What one reconcile found out about a pool: `PoolRound`, the input of everything that status says. */
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { ChildProblem } from '../shared/child-problem.ts'
import type { Ceremony } from './ceremony.ts'
import type { PoolMember } from './members.ts'
import type { RolloutView } from './nodes.ts'
import type { Preparation } from './preparation.ts'
import type { PoolSpecVerdict } from './validate.ts'

export interface PoolRound {
  readonly pool: SeiNodePool
  readonly spec: PoolSpecVerdict
  /** The first object that is not as it should be, and why. */
  readonly problem: ChildProblem | undefined
  readonly ceremony: Ceremony
  /** By node, from 0 on; undefined where the ceremony is not over. */
  readonly preparations: readonly Preparation[] | undefined
  readonly members: readonly PoolMember[]
  readonly rollout: RolloutView | undefined
  /** The heights were asked for: they are to be asked for again. */
  readonly isWatchingHeights: boolean
  /** The network was seen to make a block in this round. */
  readonly hasBlocks: boolean
  /** Value of the retry annotation that was acted on last. */
  readonly retryHandled: string | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}
