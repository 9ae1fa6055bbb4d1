/** Which plans hold for a node now, and what is due for its pod: `currentInit`, `currentChange`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NodeRollout, TaskPlan } from '../../../api/seinode-status.ts'
import { isSpecEdited } from '../../../build/statefulset.ts'
import type { UploadSigns } from '../../../build/upload-bucket.ts'
import { stableHash } from '../../../lib/stable-hash.ts'
import { isSubset } from '../../../lib/subset.ts'
import { adoptableState } from '../../../plan/kept-state.ts'
import { currentInitPlan, type IdentifiedPlan, type InitPlanChange } from '../../../plan/init-plan.ts'
import { currentTask } from '../../../plan/task-plan.ts'
import { type CurrentUpdatePlan, currentUpdatePlan, type UpdatePlanChange } from '../../../plan/update-plan.ts'
import { acceptsVolume } from '../../../plan/volume-consent.ts'
import { wantedConfig } from '../../../plan/wanted-config.ts'
import { initialObservation, type Begun } from '../initial-observation.ts'
import { presentChildren } from '../children/children.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { waitsForWork } from './end-unwanted-work.ts'
import type { NodeLocalState } from '../local-state.ts'
import { podOf } from '../observe/observe.ts'
import {
  type ConfigState,
  configState,
  type PodChange,
  podChange,
  rolloutOf,
  SIDECAR_SILENT_MS,
} from '../rollout/pod-change.ts'
import { type Proof, proveChange } from '../rollout/proof.ts'
import { buildStatus } from '../status.ts'
import { templateState } from '../observe/pod-revision.ts'
import { mayRestart } from '../observe/volume-use.ts'

export interface Planned extends Begun {
  readonly init: IdentifiedPlan | undefined
  /** What is new about `init`. */
  readonly initChange: InitPlanChange
}

export interface Changing extends Planned {
  readonly change: PodChange
  readonly rollout: NodeRollout | undefined
  readonly config: ConfigState
  readonly proof: Proof
  readonly signs: UploadSigns
  readonly update: IdentifiedPlan | undefined
  readonly updateChange: UpdatePlanChange
}

/**
 * The bootstrap plan that holds now. A new one is in the status of the node that is returned, which is not written yet: its
 * tasks may be sent when it is, since their ids derive from the plan's.
 */
export function currentInit(begun: Begun, local: NodeLocalState, dependencies: NodeDependencies): Planned {
  const { node, children, volumeBlock: block } = begun
  const volume = children.dataVolume
  const volumeUID = volume?.metadata?.uid
  if (!volume || volumeUID === undefined || block) return unplanned(begun)
  const { initPlan } = node.status ?? {}
  const context = {
    volumeUID,
    adopted: node.spec.genesis?.pvc ? undefined : adoptableState(volume),
    isAccepted: acceptsVolume(node, volumeUID),
    config: wantedConfig(node, dependencies.platform),
    mayBeInFlight: mayBeInFlight(initPlan, local),
  }
  const init = currentInitPlan(node, context, dependencies.newID)
  const planned = { ...begun, init: init.plan, initChange: init.change }
  if (init.change === 'none') return planned
  const status = buildStatus({ ...initialObservation(begun, dependencies), plan: init.plan })
  // Conditions of a status that is never written must not move the transition times of the one that is.
  const conditions = node.status?.conditions ?? []
  return { ...planned, node: { ...node, status: { ...status, conditions } } }
}

export function unplanned(begun: Begun): Planned {
  return { ...begun, init: undefined, initChange: 'none' }
}

/** What is due for the pod and the configuration. */
export function currentChange(planned: Planned, local: NodeLocalState, dependencies: NodeDependencies): Changing {
  const { node, init } = planned
  const { gate, platform } = dependencies
  const present = presentChildren(node, dependencies)
  const { statefulSet: live } = present
  const pod = podOf(node, live, dependencies)
  const config = configState(node, pod, platform)
  const signs = {
    isVolumeKept: init?.adoptedFrom !== undefined,
    hasStrayUpload: local.hasStrayUpload === true,
  }
  const template = templateState(node, { ...signs, pod: config.pod }, live, local.verified, dependencies)
  const isWorkDue = waitsForWork(node, pod, local, dependencies, dependencies.clock.now())
  const proof = proveChange(node, live, pod, dependencies)
  const change = podChange({
    live,
    pod,
    isTemplateChanged: template.isChanged,
    isPodSpecChanged: template.isPodSpecChanged,
    isSpecEdited: template.isChanged && live !== undefined && isSpecEdited(node, live),
    isConfigDue: config.isDue,
    updatePhase: node.status?.updatePlan?.phase,
    stored: node.status?.rollout,
    isApproved: gate.isApproved(node),
    isSidecarSilent:
      pod !== undefined && isSilent(local, dependencies) && !isSubset({ spec: template.desired().spec }, pod),
    isWorkDue,
    isUpgradeUrgent: planned.upgrades?.isUrgent === true,
    cannotStart: planned.key.kind === 'waiting' && planned.key.isOldPod === true,
    mayRestart: mayReplace(planned, pod, dependencies),
    isProven: proof.isProven,
  })
  if (change.kind !== 'configuring') local.workAwaitedSince = undefined
  const rollout = rolloutOf(change, node, () => stableHash([template.desired(), config.wanted.hash]), dependencies)
  const changing: Changing = {
    ...planned,
    change,
    rollout,
    config,
    proof,
    signs,
    update: undefined,
    updateChange: 'none',
  }
  const update =
    init?.phase === 'Complete' && config.isDue ? updatePlanOf(changing, init, pod, local, dependencies) : undefined
  if (!update || update.change === 'none') return { ...changing, update: update?.plan }
  return { ...changing, update: update.plan, updateChange: update.change }
}

/** Notes, when the status that holds them is written, that no task of the new plans was sent. */
export function noteNewPlans({ init, initChange, ...rest }: Planned | Changing, local: NodeLocalState): void {
  if (init && isUnsent(initChange)) noteUnsent(init, local)
  if ('update' in rest && rest.update && rest.updateChange !== 'none') noteUnsent(rest.update, local)
}

function updatePlanOf(
  { node, config, change }: Changing,
  { volumeUID = '' }: IdentifiedPlan,
  pod: Readonly<Pod> | undefined,
  local: NodeLocalState,
  { newID }: NodeDependencies,
): CurrentUpdatePlan {
  const context = {
    volumeUID,
    config: config.wanted,
    mayBeInFlight: mayBeInFlight(node.status?.updatePlan, local),
    resetsStateSync: config.resetsStateSync,
    podCreatedAt: change.kind === 'restarting' ? pod?.metadata?.creationTimestamp : undefined,
  }
  return currentUpdatePlan(node, context, newID)
}

/**
 * Whether the pod may be replaced. Where no claim may be used, one may stand all the same that the pod has in use; where it
 * is gone, the pod's mount is the last copy.
 */
export function mayReplace(
  { node, children, volumeBlock }: Begun,
  pod: Readonly<Pod> | undefined,
  dependencies: Pick<NodeDependencies, 'stores'>,
): boolean {
  const claim = children.dataVolume ?? presentChildren(node, dependencies).dataVolume
  return pod === undefined || (volumeBlock?.kind !== 'gone' && mayRestart(node, claim, pod))
}

function isSilent({ silentSince }: NodeLocalState, { clock }: Pick<NodeDependencies, 'clock'>): boolean {
  return silentSince !== undefined && clock.now() - silentSince >= SIDECAR_SILENT_MS
}

// Nobody can have sent a task whose id has only now become derivable.
function isUnsent(change: InitPlanChange): boolean {
  return (
    change === 'created' ||
    change === 'adopted' ||
    change === 'volume-replaced' ||
    change === 'volume-accepted' ||
    change === 'retried'
  )
}

// Sent, and the answer or the status that tells of it was lost, or another process knows: the runner finds out.
function mayBeInFlight(plan: TaskPlan | undefined, { cursor }: NodeLocalState): boolean {
  const current = plan && currentTask(plan)
  return plan?.id !== undefined && current !== undefined && !cursor.isUnsent(plan.id, current.index, current.attempt)
}

function noteUnsent(plan: IdentifiedPlan, { cursor }: NodeLocalState): void {
  const first = currentTask(plan)
  if (first) cursor.markUnsent(plan.id, first.index, first.attempt)
}
