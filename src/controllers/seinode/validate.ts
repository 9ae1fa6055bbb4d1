/** What of a spec only the cluster can tell: `validateNode`. Pure; the API server has checked all else at apply time. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { NodeReason } from '../../api/conditions.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { childNames } from '../../build/names.ts'
import { compareQuantities } from '../../lib/quantity.ts'
import { snapshotHash } from '../../plan/node-config.ts'
import { readsLocation } from '../../plan/ignored-location.ts'
import { adoptedAsIs } from '../../plan/adopted-as-is.ts'
import { keptState } from './adopted-volume.ts'
import { volumeMode } from '../../build/data-volume.ts'
import { isTerminating } from '../shared/deletion.ts'

export interface SpecVerdict {
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
}

export function validateNode(node: SeiNode, facts: SpecFacts): SpecVerdict {
  const wanted = node.spec.genesis?.pvc?.dataPVC
  return (
    sharedVolume(node, facts) ??
    (wanted === undefined ? undefined : preparedVolume(node, wanted, facts.prepared)) ??
    keptVolume(node, facts.own) ??
    storageClass(node, facts) ??
    volumeSize(node, facts) ??
    ignoredLocation(node) ??
    lateSnapshot(node) ??
    adoptedVolume(node, facts) ??
    uncheckedClass(node, facts) ?? { reason: 'Valid', message: 'the spec can be carried out', blocks: false }
  )
}

// Two seids on one home, and with a validator's key two signers.
function sharedVolume(node: SeiNode, { volumeUser }: SpecFacts): SpecVerdict | undefined {
  if (volumeUser === undefined) return undefined
  const message = `PersistentVolumeClaim ${childNames(node).dataVolume} is used by SeiNode ${volumeUser}: a volume belongs to one node, or two would sign with one key. Create this SeiNode with another claim; deleting it leaves the claim as it is`
  return { reason: 'DataVolumeInUse', message, blocks: true }
}

function preparedVolume(
  { metadata: { namespace } }: SeiNode,
  wanted: string,
  prepared: Readonly<PersistentVolumeClaim> | undefined,
): SpecVerdict | undefined {
  const claim = `genesis.pvc.dataPVC: PersistentVolumeClaim ${wanted} in namespace ${namespace}`
  if (!prepared) {
    return {
      reason: 'DataVolumeNotFound',
      message: `${claim} does not exist: create it, bound to the volume that was prepared, or create the SeiNode with another genesis`,
      blocks: true,
    }
  }
  if (!isTerminating(prepared)) return undefined
  return { reason: 'DataVolumeTerminating', message: `${claim} is being deleted: wait until it is gone`, blocks: true }
}

// A volume that was kept from an earlier node of this name.
function keptVolume(node: SeiNode, own: Readonly<PersistentVolumeClaim> | undefined): SpecVerdict | undefined {
  const { spec } = node
  const kept = keptState(own)
  if (!kept) return undefined
  const claim = `PersistentVolumeClaim ${own?.metadata?.name}, kept from an earlier SeiNode of this name,`
  const remedy = `create the SeiNode under another name, which leaves the claim as it is; deleting the claim deletes that state and the node's keys for good`
  if (kept.chainId !== spec.chainId) {
    const message = `${claim} holds the state of chain ${kept.chainId}, and spec.chainId is ${spec.chainId}: ${remedy}`
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

// Only what the user asks for: the platform's default size is for new volumes.
function volumeSize(node: SeiNode, { own, canGrow, storageClassName }: SpecFacts): SpecVerdict | undefined {
  const { spec } = node
  const wanted = spec.storage?.size
  const held = own?.spec?.resources?.requests?.storage
  if (wanted === undefined || held === undefined) return undefined
  const order = compareQuantities(String(wanted), held)
  const claim = `PersistentVolumeClaim ${own?.metadata?.name}`
  // Told with all else that the volume cannot give.
  if (order < 0 && isAdopting(node, own)) return undefined
  if (order < 0) {
    const message = `spec.storage.size is ${wanted}, and ${claim} has ${held} already, which cannot shrink: set at least ${held}`
    return { reason: 'DataVolumeTooSmall', message, blocks: false }
  }
  if (order === 0 || canGrow) return undefined
  const message = `spec.storage.size is ${wanted}, and ${claim} stays at ${held}: StorageClass ${storageClassName} does not let volumes grow. Set allowVolumeExpansion: true on it`
  return { reason: 'ExpansionNotAllowed', message, blocks: false }
}

function isAdopting({ status }: SeiNode, own: Readonly<PersistentVolumeClaim> | undefined): boolean {
  return status?.initPlan ? status.initPlan.adoptedFrom !== undefined : keptState(own) !== undefined
}

// Its state stays, so what the spec asks for beyond that is asked of another volume.
function adoptedVolume(node: SeiNode, { own, wantedClassExists }: SpecFacts): SpecVerdict | undefined {
  if (!own || !isAdopting(node, own)) return undefined
  const lacks = adoptedAsIs(node.spec, own, wantedClassExists)
  if (lacks.length === 0) return undefined
  const message = `PersistentVolumeClaim ${own.metadata?.name}, kept from an earlier SeiNode of this name, is used as it is: ${lacks.join('; ')}. To have what the spec asks for, create a SeiNode under another name`
  return { reason: 'VolumeAdoptedAsIs', message, blocks: false }
}

// The volume has its state already.
function lateSnapshot({ spec, status }: SeiNode): SpecVerdict | undefined {
  const used = status?.initPlan?.phase === 'Complete' ? status.initPlan.snapshotHash : undefined
  if (used === undefined || used === snapshotHash(spec)) return undefined
  const field = spec.replayer ? 'spec.replayer.snapshot' : 'spec.snapshot'
  const message = `${field} was changed after the bootstrap, which alone reads it: it takes effect when the node gets another volume`
  return { reason: 'SnapshotNotUsed', message, blocks: false }
}

/** Told by the bootstrap's own notes: see `ignoredLocation` in plan/. */
function ignoredLocation({ status }: SeiNode): SpecVerdict | undefined {
  const tasks = status?.initPlan?.tasks ?? []
  const note = tasks.find(task => readsLocation(task.type) && task.note !== undefined)?.note
  return note === undefined ? undefined : { reason: 'LocationIgnored', message: note, blocks: false }
}

// A bound claim needs its class no more.
function needsClass({ spec }: SeiNode, { own }: SpecFacts): boolean {
  return spec.genesis?.pvc === undefined && own?.status?.phase !== 'Bound'
}

function storageClass(node: SeiNode, facts: SpecFacts): SpecVerdict | undefined {
  if (facts.storageClassExists !== false || !needsClass(node, facts)) return undefined
  const source =
    node.spec.storage?.storageClassName === undefined ? "the platform's default" : 'spec.storage.storageClassName'
  return {
    reason: 'StorageClassNotFound',
    message: `StorageClass ${facts.storageClassName} (${source}) does not exist, so the volume cannot be made: create the StorageClass, or name one that exists`,
    blocks: false,
  }
}

function uncheckedClass(node: SeiNode, facts: SpecFacts): SpecVerdict | undefined {
  if (facts.storageClassExists !== 'unknown' || !needsClass(node, facts)) return undefined
  return {
    reason: 'StorageClassNotChecked',
    message: `whether StorageClass ${facts.storageClassName} exists is not known, since the operator may not read StorageClasses; all else of the spec can be carried out`,
    blocks: false,
  }
}
