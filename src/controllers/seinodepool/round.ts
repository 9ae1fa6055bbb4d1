/** What one reconcile found out about a pool: `PoolRound`, the input of everything that status says. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { ChildProblem } from '../shared/child-problem.ts'
import type { Ceremony } from './ceremony.ts'
import type { PoolMember } from './members.ts'
import type { HeightsView, RolloutView } from './nodes.ts'
import type { Preparation } from './preparation.ts'
import type { PoolSpecVerdict } from './validate.ts'

/** What stands in the way beside the steps themselves. */
export type PoolProblem = ChildProblem | { readonly reason: 'PeersUnknown' | 'OperatorError'; readonly message: string }

export interface PoolRound {
  readonly pool: SeiNodePool
  readonly spec: PoolSpecVerdict
  /** The first object that is not as it should be, and why. */
  readonly problem: PoolProblem | undefined
  readonly ceremony: Ceremony
  /** UID of the genesis volume's claim, and whether the pool itself made it or has it on record. */
  readonly genesisVolume?: { readonly uid: string; readonly isOwn: boolean } | undefined
  /** By node, from 0 on; undefined where the ceremony is not over. */
  readonly preparations: readonly Preparation[] | undefined
  readonly members: readonly PoolMember[]
  /** Claims for which no volume was provisioned yet. */
  readonly pendingClaims: readonly Readonly<PersistentVolumeClaim>[]
  /** What admission made of the pool's objects, where they differ from what was applied. */
  readonly rewritten?: string | undefined
  readonly rollout: RolloutView | undefined
  readonly heights: HeightsView
  /** Value of the retry annotation that was acted on last. */
  readonly retryHandled: string | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}
