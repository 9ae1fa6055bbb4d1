/** The objects that a SeiNode is made of: volume, then Service and StatefulSet: `applyChildren`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim, PodTemplateSpec, Service } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { buildService } from '../../build/service.ts'
import { childNames } from '../../build/names.ts'
import type { PodState } from '../../build/pod.ts'
import { buildStatefulSet } from '../../build/statefulset.ts'
import { services, statefulSets } from '../../kube/resources.ts'
import { keyOf } from '../../runtime/keys.ts'
import { applyChild, type Child, type ChildState } from '../shared/apply-child.ts'
import { type ChildProblem, problemOf } from '../shared/child-problem.ts'
import { isOwn } from '../shared/ownership.ts'
import type { VerifiedChildren } from '../shared/verified-children.ts'
import { buildInput } from './build-input.ts'
import { applyDataVolume, dataVolumeKey } from './data-volume.ts'
import type { NodeDependencies } from './dependencies.ts'
import { nodeOwner } from './owner.ts'
import type { SpecVerdict } from './validate.ts'

export interface Children {
  /** The node's own claim, or the prepared one that genesis.pvc names. */
  readonly dataVolume?: Readonly<PersistentVolumeClaim>
  readonly statefulSet?: Readonly<StatefulSet>
  /** The first child that is not as it should be, and why. */
  readonly problem?: ChildProblem
}

/**
 * The node's own claim, made or changed as its spec asks; the prepared claim where `genesis.pvc` names one, as it is.
 * @param verified what earlier reconciles found
 */
export async function applyVolume(
  node: SeiNode,
  prepared: Readonly<PersistentVolumeClaim> | undefined,
  verified: VerifiedChildren,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Pick<Children, 'dataVolume' | 'problem'>> {
  const volume: ChildState<PersistentVolumeClaim> = prepared
    ? { kind: 'applied', object: prepared }
    : await applyDataVolume(node, verified, dependencies, signal)
  const problem = problemOf(volume)
  // Without its volume no pod: it would mount the claim of someone else.
  const isUsable = volume.kind === 'applied' || volume.kind === 'refused'
  return {
    ...(isUsable && volume.object ? { dataVolume: volume.object } : {}),
    ...(problem ? { problem } : {}),
  }
}

/** The Service and the StatefulSet of a node whose volume is there. */
export async function applyWorkload(
  node: SeiNode,
  pod: PodState,
  isHeld: boolean,
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
    memo: { verified, inputs: input },
  }
  const statefulSet: Child<StatefulSet> = {
    resource: statefulSets,
    store: stores.statefulSets,
    name: names.statefulSet,
    build: live => buildStatefulSet(input, platform, { live, pod, isHeld }),
    memo: { verified, inputs: { ...input, pod, isHeld } },
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

/** The pod template that the node should have; it keeps the labels that `live` selects by. */
export function desiredTemplate(
  node: SeiNode,
  pod: PodState,
  live: Readonly<StatefulSet> | undefined,
  { platform }: Pick<NodeDependencies, 'platform'>,
): PodTemplateSpec | undefined {
  return buildStatefulSet(buildInput(node), platform, { live, pod }).spec?.template
}

/** The children as they stand, for a node that nothing is to be changed for. */
export function presentChildren(node: SeiNode, { stores }: Pick<NodeDependencies, 'stores'>): Children {
  const statefulSet = stores.statefulSets.get(keyOf(node))
  const dataVolume = stores.dataVolumes.get(dataVolumeKey(node))
  return {
    ...(dataVolume && isOwn(dataVolume, nodeOwner(node)) ? { dataVolume } : {}),
    ...(statefulSet && isOwn(statefulSet, nodeOwner(node)) ? { statefulSet } : {}),
  }
}

/**
 * The children of a node that its spec holds up. Its pod, where it has one, is looked after still, but on no volume that
 * the node must not use.
 */
export function heldChildren(
  node: SeiNode,
  { reason }: SpecVerdict,
  prepared: Readonly<PersistentVolumeClaim> | undefined,
  dependencies: Pick<NodeDependencies, 'stores'>,
): Children {
  const { statefulSet } = presentChildren(node, dependencies)
  const dataVolume = reason === 'DataVolumeTerminating' ? prepared : undefined
  return { ...(statefulSet ? { statefulSet } : {}), ...(dataVolume ? { dataVolume } : {}) }
}
