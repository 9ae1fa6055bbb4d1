/** What one reconcile found out about a node: `Observation`, the input of everything that status says. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NodeRollout, RecurringTask, TaskPlan } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { ChainHealth } from '../../chain/health.ts'
import type { ChainAnswer } from '../../chain/track.ts'
import type { HaltFinding } from '../../plan/halt.ts'
import type { StuckDecision } from '../../plan/stuck-restart.ts'
import type { VolumeBlock } from '../../plan/volume-consent.ts'
import type { AppliedConfig } from '../../plan/task-plan.ts'
import type { Failure } from '../shared/failures.ts'
import type { Warning } from '../shared/pods/last-warning.ts'
import type { VolumeFinding } from '../shared/volumes/observer.ts'
import type { Children } from './children/children.ts'
import type { ObservedGrowth } from './children/volume-growth.ts'
import type { KeyFinding } from './keys/finding.ts'
import type { PodChange } from './rollout/pod-change.ts'
import type { RolloutState } from './observe/pod-revision.ts'
import type { SpecEvaluation } from './observe/validate.ts'
import type { NodeUpgrades } from './upgrades/follow-upgrades.ts'

/** How the node's sidecar was found. */
export type SidecarObservation =
  /** No pod with an address, or its sidecar does not run. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'starting' }
  /** It answers, and works on the plan; `hold` is why it may not be marked ready. */
  | { readonly kind: 'bootstrapping'; readonly block?: string }
  | { readonly kind: 'busy' | 'unreachable'; readonly message: string }
  /** The plan is complete; the kubelet has not yet seen that seid may start. */
  | { readonly kind: 'released' }
  | { readonly kind: 'ready' }

export interface RecurringFindings {
  /** How many the spec asks for. */
  readonly wanted: number
  /** Those that have been looked at since the bootstrap. */
  readonly tasks: readonly RecurringTask[]
  /** The tasks that can never run, and why. */
  readonly problem?: string
}

export interface Observation {
  readonly node: SeiNode
  readonly spec: SpecEvaluation
  readonly children: Children
  /** Why the volume that is there must not be used yet. */
  readonly volumeBlock?: VolumeBlock | undefined
  /** Where the node is among the upgrades of its chain; undefined where nobody looked. */
  readonly upgrades?: NodeUpgrades | undefined
  readonly pod: Readonly<Pod> | undefined
  readonly rollout: RolloutState | undefined
  /** How the pod's seid follows its chain; undefined while nobody knows. */
  readonly chain: ChainHealth | undefined
  /** What its last answer was. */
  readonly chainAnswer: ChainAnswer | undefined
  /** How full its data volume is; undefined until its kubelet was queried. */
  readonly volumeUse?: VolumeFinding | undefined
  /** Whether it grows by itself; undefined without `spec.storage.autoGrow`. */
  readonly growth?: ObservedGrowth | undefined
  readonly plan: TaskPlan | undefined
  readonly updatePlan?: TaskPlan | undefined
  /** Why the update plan has to wait. */
  readonly updateWait?: string | undefined
  /** Why the peers that a plan needs cannot be looked up just now. */
  readonly peersUnresolved?: string | undefined
  /** The configuration that a plan has just written to the volume. */
  readonly appliedConfig?: AppliedConfig | undefined
  readonly recurring: RecurringFindings
  readonly sidecar: SidecarObservation
  /** Whether a validator may run its key; absent where nobody looked. */
  readonly key?: KeyFinding
  /** Whether the node is halted at `spec.haltHeight`; absent where nobody looked. */
  readonly halt?: HaltFinding
  /** What is due for the pod and the configuration. */
  readonly change?: PodChange | undefined
  /** What status says of it. */
  readonly rolloutStatus?: NodeRollout | undefined
  /** Whether the node is restarted because it is stuck. */
  readonly stuckRestart?: StuckDecision
  /** Since when the sidecar has not answered while a configuration is due, milliseconds since the epoch. */
  readonly silentSince?: number | undefined
  /** A step that failed, and how. */
  readonly failure?: Failure | undefined
  /** A changed pod template waits until the sidecar has ended what the spec no longer asks for. */
  readonly isWorkAwaited?: boolean
  /** What admission made of the node's objects, where they differ from what was applied. */
  readonly rewritten?: string | undefined
  /** Since when there is no pod though one is due, milliseconds since the epoch. */
  readonly podMissingSince: number | undefined
  /** What the cluster says of a pod that is stuck, or of a StatefulSet that cannot create its pod. */
  readonly podWarning?: Warning | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}
