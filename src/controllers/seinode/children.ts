/** The objects that a SeiNode is made of: volume, then Service and StatefulSet: `applyChildren`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim, Service } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { buildService } from '../../build/service.ts'
import { childNames } from '../../build/names.ts'
import { buildStatefulSet } from '../../build/statefulset.ts'
import { services, statefulSets } from '../../kube/resources.ts'
import { keyOf } from '../../runtime/keys.ts'
import { firstDifference } from '../../lib/subset.ts'
import { restartHash } from '../../plan/update-plan.ts'
import { keptState } from './adopted-volume.ts'
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
  /** The StatefulSet was left as it is though another is wanted. */
  readonly isTemplateHeld?: boolean
  /** The first child that is not as it should be, and why. */
  readonly problem?: ChildProblem
}

/**
 * @param prepared the claim that `genesis.pvc` names; the operator neither makes nor changes it
 * @param holdTemplate leave the StatefulSet as it is for now
 * @param verified what earlier rounds found
 * @param hasStrayUpload the sidecar uploads what the spec does not ask for until it restarts
 */
export async function applyChildren(
  node: SeiNode,
  prepared: Readonly<PersistentVolumeClaim> | undefined,
  holdTemplate: boolean,
  verified: VerifiedChildren,
  hasStrayUpload: boolean,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Children> {
  const volume: ChildState<PersistentVolumeClaim> = prepared
    ? { kind: 'applied', object: prepared }
    : await applyDataVolume(node, verified, dependencies, signal)
  // Without its volume no pod: it would mount the claim of someone else.
  if (volume.kind !== 'applied' && volume.kind !== 'refused') return withProblem({}, problemOf(volume))
  if (!volume.object) return withProblem({}, problemOf(volume))

  const { client, stores, platform } = dependencies
  const names = childNames(node)
  const input = buildInput(node)
  const configHash = restartHash(node.status)
  const isVolumeKept = !prepared && keptState(volume.object) !== undefined
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
    build: live => buildStatefulSet(input, platform, { live, configHash, isVolumeKept, hasStrayUpload }),
    memo: { verified, inputs: { ...input, configHash, hasStrayUpload } },
  }
  const present = presentChildren(node, dependencies).statefulSet
  const isHeld = holdTemplate && present && firstDifference(statefulSet.build(present), present) !== undefined
  const [serviceState, statefulSetState] = await Promise.all([
    applyChild(client, nodeOwner(node), service, signal),
    isHeld ? ({ kind: 'applied', object: present } as const) : applyChild(client, nodeOwner(node), statefulSet, signal),
  ])
  const made = 'object' in statefulSetState ? { statefulSet: statefulSetState.object } : {}
  const problem = problemOf(volume) ?? problemOf(serviceState) ?? problemOf(statefulSetState)
  return withProblem({ dataVolume: volume.object, ...made, ...(isHeld ? { isTemplateHeld: true } : {}) }, problem)
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

function withProblem(children: Children, problem: ChildProblem | undefined): Children {
  return problem ? { ...children, problem } : children
}
