/** What of a spec only the cluster can tell: `validateNode`. Pure; the API server has checked all else at apply time. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NodeReason } from '../../../api/conditions.ts'
import { MAX_NODE_OVERRIDES_SIZE, MAX_UPGRADE_OVERRIDES_SIZE } from '../../../api/limits.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { volumeMode } from '../../../build/data-claim.ts'
import { childNames } from '../../../build/names.ts'
import { adoptedAsIs } from '../../../plan/adopted-as-is.ts'
import { adoptableState, keptState } from '../../../plan/kept-state.ts'
import { readsLocation, TARGET_HEIGHT_NOTE } from '../../../plan/ignored-location.ts'
import { refusedSettings } from '../../../plan/refused-settings.ts'
import { changedSince } from '../../../plan/used-snapshot.ts'
import { snapshotHash } from '../../../plan/wanted-config.ts'
import { askedSize, evaluateSize } from '../../shared/claims/claim-size.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { observeHalt } from '../halt/observe-halt.ts'
import { livesOn } from './volume-use.ts'

export interface SpecEvaluation {
  readonly reason: NodeReason<'SpecValid'>
  readonly message: string
  /** Nothing is made for the node until this is mended. */
  readonly blocks: boolean
}

export interface SpecFacts {
  /** The claim that `genesis.pvc` names, where it does and the claim exists. */
  readonly prepared: Readonly<PersistentVolumeClaim> | undefined
  /** An earlier SeiNode that uses the same claim, by name. */
  readonly volumeUser: string | undefined
  /** The node's own claim as it stands. */
  readonly own: Readonly<PersistentVolumeClaim> | undefined
  /** The class that an unbound claim of the node asks for. */
  readonly storageClassName: string
  /** Unknown where the operator may not read StorageClasses. */
  readonly storageClassExists: boolean | 'unknown'
  /** The same of the class that the spec names. */
  readonly wantedClassExists: boolean | 'unknown'
  /** The StorageClass of the node's own claim lets it grow. */
  readonly canGrow: boolean
  /** The node's pod, where it has one. */
  readonly pod: Readonly<Pod> | undefined
  /** The API server's words, where it has refused the size that the spec asks for. */
  readonly sizeRefusal?: string | undefined
  /** The size that the claim was to grow to in this reconcile, as `spec.storage.autoGrow` says. */
  readonly growsTo?: string | undefined
}

export function validateNode(node: SeiNode, facts: SpecFacts): SpecEvaluation {
  const wanted = node.spec.genesis?.pvc?.dataPVC
  return (
    sharedVolume(node, facts) ??
    (wanted === undefined ? undefined : preparedVolume(node, wanted, facts)) ??
    keptVolume(node, facts.own) ??
    storageClass(node, facts) ??
    volumeSize(node, facts) ??
    refusedSetting(node) ??
    uncheckedHalt(node, facts) ??
    unusedParts(node) ??
    adoptedVolume(node, facts) ??
    uncheckedClass(node, facts) ?? { reason: 'Valid', message: 'the spec is valid', blocks: false }
  )
}

// Two seids on one home, and with a validator's key two signers.
function sharedVolume(node: SeiNode, { volumeUser }: SpecFacts): SpecEvaluation | undefined {
  if (volumeUser === undefined) return undefined
  const message = `PersistentVolumeClaim ${childNames(node).dataVolume} is used by SeiNode ${volumeUser}: two nodes on one volume would sign with one key. Create this SeiNode with another claim; deleting this SeiNode does not delete the claim`
  return { reason: 'DataVolumeInUse', message, blocks: true }
}

function preparedVolume(node: SeiNode, wanted: string, { prepared, pod }: SpecFacts): SpecEvaluation | undefined {
  const { namespace } = node.metadata
  const claim = `genesis.pvc.dataPVC: PersistentVolumeClaim ${wanted} in namespace ${namespace}`
  if (!prepared) {
    return {
      reason: 'DataVolumeNotFound',
      message: `${claim} does not exist. Create it, bound to the prepared volume, or create the SeiNode with another genesis`,
      blocks: true,
    }
  }
  // A pod that has it in use goes on; the condition VolumeHealthy warns.
  if (!isTerminating(prepared) || livesOn(node, prepared, pod)) return undefined
  return {
    reason: 'DataVolumeTerminating',
    message: `${claim} is being deleted. Wait until it no longer exists`,
    blocks: true,
  }
}

// A volume that was kept from an earlier node of this name.
function keptVolume(node: SeiNode, own: Readonly<PersistentVolumeClaim> | undefined): SpecEvaluation | undefined {
  const { spec } = node
  const kept = keptState(own)
  if (!kept) return undefined
  const claim = `PersistentVolumeClaim ${own?.metadata?.name}, retained from an earlier SeiNode of this name,`
  const remedy = `create the SeiNode under another name, which does not change the claim. Deleting the claim permanently deletes that state and the node's keys`
  if (kept.chainId !== spec.chainId) {
    const message = `${claim} holds the state of chain ${kept.chainId}, but spec.chainId is ${spec.chainId}: ${remedy}`
    return { reason: 'VolumeOfOtherChain', message, blocks: true }
  }
  const mode = volumeMode(node)
  // A replayer starts from any full node's state. What it makes of it was never checked against the chain's hashes.
  if (kept.mode === undefined || kept.mode === mode || (mode === 'replayer' && kept.mode === 'full')) return undefined
  const why =
    kept.mode === 'replayer'
      ? 'a replayer, which does not check its state against the chain'
      : `a node of mode ${kept.mode}`
  const message = `${claim} holds the state of ${why}, and this one is ${mode === 'replayer' ? 'a replayer' : `of mode ${mode}`}: ${remedy}`
  return { reason: 'VolumeOfOtherMode', message, blocks: true }
}

function volumeSize(node: SeiNode, { own, canGrow, sizeRefusal, growsTo }: SpecFacts): SpecEvaluation | undefined {
  const found = own && evaluateSize({ ...askedSize(node.spec.storage, own, sizeRefusal, growsTo), claim: own, canGrow })
  // Told with all else that the volume cannot give.
  if (found?.reason === 'DataVolumeTooSmall' && isAdopting(node, own)) return undefined
  return found && { ...found, blocks: false }
}

// Where it runs, it goes on as it is.
function refusedSetting({ spec }: SeiNode): SpecEvaluation | undefined {
  // Those in effect are the spec's and those of an upgrade together.
  const maxSize = MAX_NODE_OVERRIDES_SIZE + MAX_UPGRADE_OVERRIDES_SIZE
  const message = refusedSettings(spec, { chainId: spec.chainId, maxSize })
  return message === undefined ? undefined : { reason: 'SettingRefused', message, blocks: false }
}

function uncheckedHalt(node: SeiNode, { pod }: SpecFacts): SpecEvaluation | undefined {
  const halt = observeHalt(node, pod)
  if (halt.kind !== 'unchecked') return undefined
  const message = `haltHeight: seid of image ${node.spec.image} ends at height ${node.spec.haltHeight} but has no command that tells the height of its volume, so each later start commits one more block: ${halt.message}`
  return { reason: 'HaltUnchecked', message, blocks: false }
}

// Neither hides the other.
function unusedParts(node: SeiNode): SpecEvaluation | undefined {
  const [first, second] = [lateSnapshot(node), ignoredLocation(node)].filter(condition => condition !== undefined)
  return first && second ? { ...first, message: `${first.message}; ${second.message}` } : first
}

function isAdopting({ status }: SeiNode, own: Readonly<PersistentVolumeClaim> | undefined): boolean {
  return status?.initPlan
    ? status.initPlan.adoptedFrom !== undefined
    : own !== undefined && adoptableState(own) !== undefined
}

// Its state stays, so what the spec asks for beyond that is asked of another volume.
function adoptedVolume(node: SeiNode, { own, wantedClassExists }: SpecFacts): SpecEvaluation | undefined {
  if (!own || !isAdopting(node, own)) return undefined
  const lacks = adoptedAsIs(node.spec, own, wantedClassExists)
  if (lacks.length === 0) return undefined
  const message = `PersistentVolumeClaim ${own.metadata?.name}, which existed before the SeiNode, is used unchanged: ${lacks.join('; ')}. To apply these fields, create a SeiNode under another name`
  return { reason: 'VolumeAdoptedAsIs', message, blocks: false }
}

// The volume has its state already, or is about to have it.
function lateSnapshot({ spec, status }: SeiNode): SpecEvaluation | undefined {
  const plan = status?.initPlan
  if (!plan) return undefined
  const field = spec.replayer ? 'spec.replayer.snapshot' : 'spec.snapshot'
  const changed = changedSince(plan, spec)
  if (plan.phase !== 'Complete') {
    if (changed === undefined || changed.length === 0) return undefined
    const message = `${field} was changed after ${changed.join(' and ')} had been sent to the sidecar, which does not read the field afterwards. The node starts from the earlier snapshot. To start from the new one, create a SeiNode under another name`
    return { reason: 'SnapshotNotUsed', message, blocks: false }
  }
  const isUsed = changed
    ? changed.length === 0
    : plan.snapshotHash === undefined || plan.snapshotHash === snapshotHash(spec)
  if (isUsed) return undefined
  const message = `${field} was changed after the bootstrap. Only the bootstrap reads this field: the change takes effect when the node gets another volume`
  return { reason: 'SnapshotNotUsed', message, blocks: false }
}

/** Told by the bootstrap's own notes: see `ignoredLocation` in plan/. */
function ignoredLocation({ status }: SeiNode): SpecEvaluation | undefined {
  const tasks = status?.initPlan?.tasks ?? []
  const note = tasks.find(task => readsLocation(task.type) && task.note !== undefined)?.note
  if (note === undefined) return undefined
  const reason = note === TARGET_HEIGHT_NOTE ? 'TargetHeightUnknown' : 'LocationIgnored'
  return { reason, message: note, blocks: false }
}

// A bound claim needs its class no more.
function needsClass({ spec }: SeiNode, { own }: SpecFacts): boolean {
  return spec.genesis?.pvc === undefined && own?.status?.phase !== 'Bound'
}

function storageClass(node: SeiNode, facts: SpecFacts): SpecEvaluation | undefined {
  if (facts.storageClassExists !== false || !needsClass(node, facts)) return undefined
  const source =
    node.spec.storage?.storageClassName === undefined ? "the platform's default" : 'spec.storage.storageClassName'
  return {
    reason: 'StorageClassNotFound',
    message: `StorageClass ${facts.storageClassName} (${source}) does not exist, so the volume cannot be provisioned. Create the StorageClass, or name one that exists`,
    blocks: false,
  }
}

function uncheckedClass(node: SeiNode, facts: SpecFacts): SpecEvaluation | undefined {
  if (facts.storageClassExists !== 'unknown' || !needsClass(node, facts)) return undefined
  return {
    reason: 'StorageClassNotChecked',
    message: `the spec is valid, but the operator may not read StorageClasses and cannot check that StorageClass ${facts.storageClassName} exists`,
    blocks: false,
  }
}
