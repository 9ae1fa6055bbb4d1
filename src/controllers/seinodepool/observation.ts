/** What one reconcile found out about a pool: `PoolObservation`, the input of everything that status says. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { ChildProblem } from '../shared/children/apply-child.ts'
import type { Ceremony } from './jobs/ceremony.ts'
import type { PoolMember } from './nodes/members.ts'
import type { Preparation } from './jobs/preparation.ts'
import type { PoolGrowth } from './volumes/growth.ts'
import type { PoolSpecEvaluation } from './validate.ts'

/** How a change reaches the nodes. */
export interface RolloutView {
  /** A changed spec, or what this version of the operator and its settings make of it. */
  readonly cause: 'Spec' | 'Operator'
  /** The node that has the change and is not yet seen to work with it. */
  readonly waitsFor: PoolMember | undefined
  /** Why a node that is Ready is waited for, in words that follow its name. */
  readonly silence: string | undefined
  /** Names of the nodes that get the change in this reconcile. */
  readonly changed: readonly string[]
  /** How many are still without it. */
  readonly remaining: number
}

export interface ChainFindings {
  /** A rollout is under way, and a height that rises triggers no reconcile; `seldom`: none has risen for a while. */
  readonly watch: 'no' | 'soon' | 'seldom'
  /** A node follows blocks of the network. */
  readonly hasBlocks: boolean
  /** Why a seid did not answer; undefined where all that run did. */
  readonly silence: string | undefined
}

export const NO_CHAIN: ChainFindings = { watch: 'no', hasBlocks: false, silence: undefined }

/** What stands in the way beside the steps themselves. */
export type PoolProblem = ChildProblem | { readonly reason: 'PeersUnknown' | 'OperatorError'; readonly message: string }

export interface PoolObservation {
  readonly pool: SeiNodePool
  readonly spec: PoolSpecEvaluation
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
  /** Whether the data volumes grow by themselves; undefined without `spec.storage.autoGrow`. */
  readonly growth?: PoolGrowth | undefined
  /** What admission made of the pool's objects, where they differ from what was applied. */
  readonly rewritten?: string | undefined
  readonly rollout: RolloutView | undefined
  readonly chain: ChainFindings
  /** Value of the retry annotation that was acted on last. */
  readonly retryHandled: string | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}
