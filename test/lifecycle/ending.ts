/** How a scenario ends: `Ending`, what a test expects of a node after an event, in full where it says less; `stalledReason`. */
import { NODE_REASONS, type NodeConditionType, type NodeReason } from '../../src/api/conditions.ts'

/** What a node is made of. */
export const PARTS = ['claim', 'service', 'statefulSet', 'pod'] as const
export type Part = (typeof PARTS)[number]

/** By UID: the object that was there before, another one, or none. */
export type Fate = 'same' | 'new' | 'gone'

export type Reasons = {
  readonly [T in Exclude<NodeConditionType, 'Stalled' | 'VolumeGrowth' | 'UpgradesHealthy'>]: NodeReason<T>
} & {
  /** Only with `spec.storage.autoGrow`. */
  readonly VolumeGrowth?: NodeReason<'VolumeGrowth'>
}

/** Stalled has the reason of Reconciling where a person is needed. */
export function stalledReason(reconciling: NodeReason<'Reconciling'>): string {
  return Object.hasOwn(NODE_REASONS.Stalled, reconciling) ? reconciling : 'NotStalled'
}

/** Of a node that is as its spec says and has nothing to do. */
export const RUNNING: Reasons = {
  Ready: 'Ready',
  SpecValid: 'Valid',
  VolumeHealthy: 'Healthy',
  VolumeSpace: 'NotObserved',
  Initialized: 'PlanComplete',
  SidecarReady: 'Ready',
  Reconciling: 'Stable',
  RuntimeTasksHealthy: 'NotConfigured',
  Paused: 'NotPaused',
}

/** Of a node whose bootstrap failed. */
export const FAILED: Reasons = {
  ...RUNNING,
  Ready: 'PlanFailed',
  Initialized: 'TaskFailed',
  SidecarReady: 'AwaitingMarkReady',
  Reconciling: 'BootstrapFailed',
}

export const PAUSED: Reasons = {
  ...RUNNING,
  Ready: 'Paused',
  SpecValid: 'NotChecked',
  SidecarReady: 'NotChecked',
  Reconciling: 'Paused',
  Paused: 'PausedBySpec',
}

/** What of it is left out is as in a healthy node to which nothing happened. */
export interface Ending {
  /** Running by default. */
  readonly phase?: string
  /** Reasons that differ from `base`. */
  readonly conditions?: Partial<Reasons>
  /** `RUNNING` by default. */
  readonly base?: Reasons
  /** Texts that the messages of conditions hold. */
  readonly says?: Partial<Record<NodeConditionType, readonly string[]>>
  /** Types of all tasks that the node's sidecars carried out since the last ending, in order. */
  readonly tasks?: readonly string[]
  /** Reasons of all events about the node since the last ending, in any order. */
  readonly events?: readonly string[]
  /** Events may have been lost, and are not compared. */
  readonly losesEvents?: boolean
  /** Reasons of events that may come or not. */
  readonly maybe?: readonly string[]
  /** A part that was there before is the same, one that was not is there now, unless this says otherwise. */
  readonly parts?: Partial<Record<Part, Fate>>
}
