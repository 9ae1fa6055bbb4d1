/** Whether a node's configuration or pod has to change, and whether it may now: `configState`, `podChange`, `rolloutOf`. Pure. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NodeRollout } from '../../../api/seinode-status.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import type { PlatformConfig } from '../../../build/platform.ts'
import type { PodState } from '../../../build/pod.ts'
import { isPodPinned } from '../../../build/statefulset.ts'
import { snapshotOf } from '../../../plan/bootstrap.ts'
import type { AppliedConfig } from '../../../plan/task-plan.ts'
import { isOpen, podConfigRevision, removedKeys, resetsStateSync } from '../../../plan/update-plan.ts'
import { wantedConfig } from '../../../plan/wanted-config.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { hasRolledOut, isObserved, isOfTemplate, seidState } from '../../shared/pods/pod-state.ts'
import { groupOf, type RolloutGate } from '../../shared/rollout-gate.ts'

export interface ChangeFacts {
  readonly live: Readonly<StatefulSet> | undefined
  readonly pod: Readonly<Pod> | undefined
  /** The template that the node should have differs from that of its StatefulSet. */
  readonly isTemplateChanged: boolean
  /** So does what its pod is made of, beyond the mark of the configuration. */
  readonly isPodSpecChanged: boolean
  /** The template differs since the user edited the spec. */
  readonly isSpecEdited: boolean
  /** The configuration that the spec asks for is not on the volume. */
  readonly isConfigDue: boolean
  readonly updatePhase: 'Active' | 'Complete' | 'Failed' | undefined
  /** As in status. */
  readonly stored: NodeRollout | undefined
  /** The node has its turn. */
  readonly isApproved: boolean
  /** It was not possible to bring the configuration to the running node for a while. */
  readonly isSidecarSilent: boolean
  /** The sidecar has yet to end what the spec no longer asks for, which would go on after a restart. */
  readonly isWorkDue: boolean
  /** Its seid stops for an upgrade, or before one, and the change has the image that goes on. */
  readonly isUpgradeUrgent: boolean
  /** The pod lacks what the operator needs before it may let seid start. */
  readonly cannotStart: boolean
  /** The volume outlives a restart of the pod. */
  readonly mayRestart: boolean
  /** seid is seen to work: Ready and, where that is asked for, following the chain. */
  readonly isProven: boolean
}

export type PodChange =
  /** Nothing is due. */
  | { readonly kind: 'none' }
  /** The pod keeps what it has, and gets it again when it is made anew. */
  | { readonly kind: 'waiting'; readonly cause: NodeRollout['cause'] }
  /** The sidecar first gets the configuration, or ends what is no longer wanted, while seid runs on; then the pod restarts. */
  | { readonly kind: 'configuring'; readonly cause: NodeRollout['cause'] }
  /** The pod restarts. A configuration that is due reaches the new pod before seid starts there. */
  | { readonly kind: 'restarting'; readonly cause: NodeRollout['cause'] }
  /** The pod must not be replaced: its volume would not outlive that. */
  | { readonly kind: 'kept' }
  /** The pod is the new one, and has yet to prove itself. */
  | { readonly kind: 'proving'; readonly cause: NodeRollout['cause'] }

export function podChange(facts: ChangeFacts): PodChange {
  const { live, isTemplateChanged, isConfigDue, stored } = facts
  // A StatefulSet that is made now has nothing to hold back.
  if (!live) return { kind: 'none' }
  if (!isTemplateChanged && !isConfigDue && !isPodDue(facts)) {
    if (stored?.phase !== 'Underway' || facts.isProven) return { kind: 'none' }
    return { kind: 'proving', cause: stored.cause }
  }
  const cause =
    (isTemplateChanged && facts.isSpecEdited) || isConfigDue || facts.isUpgradeUrgent
      ? 'Spec'
      : (stored?.cause ?? unrecordedCause(live))
  if (facts.mayRestart && !isUnderway(facts)) return { kind: 'waiting', cause }
  if (isConfiguredFirst(facts) || isEndedFirst(facts)) return { kind: 'configuring', cause }
  return facts.mayRestart ? { kind: 'restarting', cause } : { kind: 'kept' }
}

/** A change of the operator waits in status before its restart begins: one that began without a record is the user's. */
function unrecordedCause(live: Readonly<StatefulSet>): NodeRollout['cause'] {
  return isMoving(live) ? 'Spec' : 'Operator'
}

/** Whether the pod, or the one that is made next, is of another template than the StatefulSet's. */
function isPodDue({ live, pod, stored }: ChangeFacts): boolean {
  if (!live) return false
  // Until its controller has seen the StatefulSet as it is, its status says nothing new.
  if (!isObserved(live)) return stored !== undefined
  return pod ? !isOfTemplate(live, pod) : !hasRolledOut(live)
}

/** The pod is on its way to the template: so it stays, or one that is made anew would fall back to the old one. */
function isMoving(live: Readonly<StatefulSet>): boolean {
  return !isPodPinned(live) && !hasRolledOut(live)
}

/**
 * What the user asks for is not held back: a pool paces it by changing the spec of one node after the other. A node that
 * cannot start without the change has nothing to lose by it.
 */
function isUnderway(facts: ChangeFacts): boolean {
  const { live, stored, isApproved, isTemplateChanged, isSpecEdited, isConfigDue, cannotStart } = facts
  if (stored?.phase === 'Underway' || isApproved || isConfigDue || cannotStart || facts.isUpgradeUrgent) return true
  if (live && isMoving(live) && isObserved(live)) return true
  return isTemplateChanged && isSpecEdited
}

/**
 * Where seid runs, a configuration that is refused leaves it running as it was. Where it does not, or the sidecar does not
 * answer, the new pod comes first: what it changes may be what the node needs. What was refused waits for the user.
 */
function isConfiguredFirst(facts: ChangeFacts): boolean {
  const { live, pod, isConfigDue, isSidecarSilent, updatePhase, isPodSpecChanged, isSpecEdited } = facts
  if (!live || !isConfigDue || isMoving(live) || facts.isUpgradeUrgent) return false
  if (updatePhase === 'Failed') return !(isPodSpecChanged && isSpecEdited)
  return seidState(pod).running && !isSidecarSilent
}

function isEndedFirst({ live, isWorkDue, mayRestart }: ChangeFacts): boolean {
  return live !== undefined && isWorkDue && mayRestart && !isMoving(live)
}

/** A sidecar that has not answered for so long does not get a configuration that is due. Milliseconds. */
export const SIDECAR_SILENT_MS = 30_000

/** What status says of the change. The time is that of the phase's beginning. */
export function rolloutOf(
  change: PodChange,
  node: Readonly<SeiNode>,
  revisionOf: () => string,
  { gate, clock }: { readonly gate: Pick<RolloutGate, 'haltedAt'>; readonly clock: Pick<Clock, 'now'> },
): NodeRollout | undefined {
  if (change.kind === 'none' || change.kind === 'kept') return undefined
  const stored = node.status?.rollout
  const revision = revisionOf()
  const phase = change.kind === 'waiting' ? 'Waiting' : 'Underway'
  const isSame = stored?.phase === phase && (phase === 'Waiting' || stored.revision === revision)
  const since = isSame ? stored.since : new Date(clock.now()).toISOString()
  const halted = phase === 'Waiting' ? gate.haltedAt(groupOf(node)) : undefined
  return { phase, cause: change.cause, revision, since, ...(halted === undefined ? {} : { node: halted }) }
}

export interface ConfigState {
  readonly wanted: AppliedConfig
  /** The configuration that the spec asks for is not on the volume, or an update is not over. */
  readonly isDue: boolean
  /** Overrides that only a full rewrite of the configuration takes away. */
  readonly removed: readonly string[]
  /**
   * The rewrite erases what state sync was set up with, and the node has yet to sync: state sync is set up anew. A seid that
   * runs may be in the middle of it, and is not disturbed.
   */
  readonly resetsStateSync: boolean
  readonly pod: PodState
}

export function configState(node: SeiNode, pod: Readonly<Pod> | undefined, platform: PlatformConfig): ConfigState {
  const { spec, status } = node
  const { initPlan, appliedConfig, updatePlan } = status ?? {}
  const wanted = wantedConfig(node, platform)
  const isApplied = appliedConfig === undefined || appliedConfig.hash === wanted.hash
  const isDue = initPlan?.phase === 'Complete' && (!isApplied || isOpen(updatePlan))
  const removed = isDue ? removedKeys(status, wanted.overrideKeys) : []
  const isSyncing = snapshotOf(spec) !== undefined && initPlan?.caughtUpAt === undefined
  const seid = seidState(pod)
  const isUnreadable = isOpen(updatePlan) && updatePlan.unreadableFor !== undefined
  const isBegun = isOpen(updatePlan) && resetsStateSync(updatePlan)
  const resets = isDue && (isBegun || ((removed.length > 0 || isUnreadable) && isSyncing && !seid.running))
  return {
    wanted,
    isDue,
    removed,
    resetsStateSync: resets,
    pod: {
      configRevision: podConfigRevision(status, wanted.hash),
      ...(resets || resetsStateSync(updatePlan) ? { resetsStateSync: true } : {}),
    },
  }
}
