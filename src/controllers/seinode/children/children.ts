/** The objects that a SeiNode is made of: volume, then Service and StatefulSet: `applyChildren`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import { FIELD_MANAGER } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { childNames } from '../../../build/names.ts'
import type { PodState } from '../../../build/pod.ts'
import { buildService } from '../../../build/service.ts'
import { buildStatefulSet } from '../../../build/statefulset.ts'
import type { UploadSigns } from '../../../build/upload-bucket.ts'
import { services, statefulSets } from '../../../kube/resources.ts'
import { foundBlock } from '../../../plan/volume-consent.ts'
import { keyOf } from '../../../runtime/object-key.ts'
import {
  applyChild,
  type Child,
  type ChildProblem,
  type ChildState,
  problemOf,
} from '../../shared/children/apply-child.ts'
import { isOwn } from '../../shared/children/ownership.ts'
import type { VerifiedChildren } from '../../shared/children/verified-children.ts'
import { type AppliedDataVolume, applyDataVolume, dataVolumeKey } from './data-volume.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { buildInput, nodeOwner } from '../owner.ts'
import { isBootstrapped, livesOn, volumeBlockedMessage } from '../observe/volume-use.ts'

export interface Children {
  /** The claim that the node may use: its own, or the prepared one that genesis.pvc names. */
  readonly dataVolume?: Readonly<PersistentVolumeClaim>
  /** The API server's words, where it refuses the size that the spec asks for. */
  readonly sizeRefusal?: string | undefined
  /** The size that the claim was to grow to in this reconcile, as `spec.storage.autoGrow` says. */
  readonly growsTo?: string | undefined
  readonly statefulSet?: Readonly<StatefulSet>
  /** The first child that is not as it should be, and why. */
  readonly problem?: ChildProblem
}

/** The claim that a node finds under the name of its volume. */
export interface FoundVolume {
  readonly claim: Readonly<PersistentVolumeClaim> | undefined
  /** It is used as it is: the one that `genesis.pvc` names, or one that waits for a person's consent. */
  readonly isLeftAlone: boolean
}

/**
 * The node's own claim, made or changed as its spec asks; the prepared claim where `genesis.pvc` names one, as it is. A claim
 * that may not be changed is still there: the node that lives on it is reconciled as before.
 * @param pod of the node, where it has one
 * @param verified what earlier reconciles found
 */
export async function applyVolume(
  node: SeiNode,
  pod: Readonly<Pod> | undefined,
  found: FoundVolume,
  verified: VerifiedChildren,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Children> {
  const {
    state: volume,
    sizeRefusal,
    growsTo,
  }: AppliedDataVolume = found.claim && found.isLeftAlone
    ? { state: { kind: 'applied', object: found.claim } }
    : await applyDataVolume(node, found.claim, verified, dependencies, signal)
  const isLeftAlone = volume.kind === 'foreign' || volume.kind === 'terminating'
  const claim = isLeftAlone ? volume.standing : volume.object
  const problem = handMade(node, volume) ?? problemOf(volume)
  // Without its volume no pod: it would mount the claim of someone else, or one that is about to go.
  if (!claim || (isLeftAlone && !mayUse(node, volume.kind, claim, pod))) {
    return { ...blockedChildren(node, dependencies), ...(problem ? { problem } : {}) }
  }
  // Of a claim that is left alone the condition VolumeHealthy tells.
  return { dataVolume: claim, sizeRefusal, growsTo, ...(problem && !isLeftAlone ? { problem } : {}) }
}

/** A claim that nothing controls is most often one that a person made from a backup: deleting it is no advice. */
function handMade(node: SeiNode, volume: ChildState<PersistentVolumeClaim>): ChildProblem | undefined {
  if (volume.kind !== 'foreign') return undefined
  const { ownerReferences = [] } = volume.standing.metadata ?? {}
  if (ownerReferences.some(owner => owner.controller === true)) return undefined
  return { reason: 'ForeignObject', message: volumeBlockedMessage(node, foundBlock(node, volume.standing)) }
}

/** Whether a claim that is left alone is the node's to use: the one that it was bootstrapped on, if it does not go with its pod. */
function mayUse(
  node: SeiNode,
  kind: 'foreign' | 'terminating',
  claim: Readonly<PersistentVolumeClaim>,
  pod: Readonly<Pod> | undefined,
): boolean {
  return kind === 'foreign' ? isBootstrapped(node, claim) : livesOn(node, claim, pod)
}

interface WorkloadState extends UploadSigns {
  readonly pod: PodState
  readonly isPinned: boolean
  readonly isStopped: boolean
}

/** The Service and the StatefulSet of a node whose volume is there. */
export async function applyWorkload(
  node: SeiNode,
  { pod, isPinned, isStopped, ...signs }: WorkloadState,
  verified: VerifiedChildren,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Pick<Children, 'statefulSet' | 'problem'>> {
  const { client, stores, platform } = dependencies
  const names = childNames(node)
  const input = buildInput(node)
  const service: Child<Service> = {
    resource: services,
    store: stores.services,
    name: names.service,
    build: () => buildService(input, platform),
    verified,
    inputs: input,
  }
  const statefulSet: Child<StatefulSet> = {
    resource: statefulSets,
    store: stores.statefulSets,
    name: names.statefulSet,
    build: live => buildStatefulSet(input, platform, { live, pod, isPinned, isStopped, ...signs }),
    verified,
    inputs: { ...input, pod, isPinned, isStopped, ...signs },
  }
  const [serviceState, statefulSetState] = await Promise.all([
    applyChild(client, nodeOwner(node), service, signal),
    applyChild(client, nodeOwner(node), statefulSet, signal),
  ])
  const problem = problemOf(serviceState) ?? problemOf(statefulSetState)
  return {
    ...('object' in statefulSetState ? { statefulSet: statefulSetState.object } : {}),
    ...(problem ? { problem } : {}),
  }
}

/** The children as they stand, for a node that nothing is to be changed for. */
export function presentChildren(node: SeiNode, { stores }: Pick<NodeDependencies, 'stores'>): Children {
  const statefulSet = stores.statefulSets.get(keyOf(node))
  const key = dataVolumeKey(node)
  const claim = stores.dataVolumes.get(key) ?? stores.poolVolumes.get(key)
  return {
    ...(claim && (isBootstrapped(node, claim) || isOwn(claim, nodeOwner(node))) ? { dataVolume: claim } : {}),
    ...(statefulSet && isOwn(statefulSet, nodeOwner(node)) ? { statefulSet } : {}),
  }
}

/** The children of a node that its spec holds up. It has no volume that it may use; its pod is there all the same. */
export function blockedChildren(node: SeiNode, dependencies: Pick<NodeDependencies, 'stores'>): Children {
  const { statefulSet } = presentChildren(node, dependencies)
  return statefulSet ? { statefulSet } : {}
}

export async function stopNode(
  { metadata, spec }: Readonly<StatefulSet>,
  { client, stores }: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  if (spec?.replicas === 0) return
  const { namespace = '', name = '', uid } = metadata ?? {}
  const body = { metadata: { uid }, spec: { replicas: 0 } }
  const options = { type: 'merge', fieldManager: FIELD_MANAGER, signal } as const
  stores.statefulSets.observeWrite(await client.patch(statefulSets, { namespace, name }, body, options))
}
