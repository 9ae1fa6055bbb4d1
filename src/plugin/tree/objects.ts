/** A node or pool with everything that it owns, as a tree: `objectTree`. Pure. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerStatus, PersistentVolumeClaim, Pod, Service } from 'kubernetes-types/core/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { childNames } from '../../build/names.ts'
import { isTerminating } from '../../controllers/shared/deletion.ts'
import type { KubeObject } from '../../kube/types.ts'
import { readinessOf } from '../status/readiness.ts'
import type { Tree } from '../output/tree.ts'
import type { Cell } from '../output/table.ts'

/** An object with what its line says. */
export interface TreeObject {
  readonly kind: Kind
  readonly object: KubeObject
  readonly state: Cell
}

/** In the order of the tree. */
const KINDS = [
  'SeiNodePool',
  'PersistentVolumeClaim',
  'Job',
  'SeiNode',
  'StatefulSet',
  'Pod',
  'Service',
  'NetworkPolicy',
  'PodDisruptionBudget',
] as const
export type Kind = (typeof KINDS)[number]

/**
 * The claim of a node is below the node, even if a pool or nobody owns it. An object without an owner is below the root; one
 * whose owner is not there is left out.
 */
export function objectTree(root: TreeObject, objects: readonly TreeObject[], nodes: readonly SeiNode[]): Tree {
  const nodeByClaim = new Map(nodes.map(node => [childNames(node).dataVolume, node.metadata.uid] as const))
  const parentOf = ({ kind, object }: TreeObject): string | undefined => {
    const mounting = kind === 'PersistentVolumeClaim' ? nodeByClaim.get(object.metadata?.name ?? '') : undefined
    const owner = object.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid
    return mounting ?? owner ?? root.object.metadata?.uid
  }
  const children = Map.groupBy(objects, parentOf)
  const treeOf = (item: TreeObject): Tree => ({
    label: `${item.kind}/${item.object.metadata?.name}`,
    state: isTerminating(item.object) ? { text: 'Terminating', style: 'warn' } : item.state,
    children: (children.get(item.object.metadata?.uid) ?? []).toSorted(inOrder).map(treeOf),
  })
  return treeOf(root)
}

function inOrder(a: TreeObject, b: TreeObject): number {
  const order = KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)
  const [one = '', other = ''] = [a.object.metadata?.name, b.object.metadata?.name]
  return order === 0 ? one.localeCompare(other, 'en', { numeric: true }) : order
}

export function ofSei(kind: 'SeiNode' | 'SeiNodePool', object: SeiNode | SeiNodePool): TreeObject {
  const { phase = 'Pending', conditions } = object.status ?? {}
  const { status, reason, isStalled } = readinessOf(conditions)
  if (isStalled) return { kind, object, state: { text: `${phase}, stalled (${reason})`, style: 'bad' } }
  if (status === 'True') return { kind, object, state: { text: `${phase}, Ready`, style: 'good' } }
  return { kind, object, state: { text: `${phase}, not Ready (${reason})`, style: 'warn' } }
}

export function ofPod(object: Pod): TreeObject {
  const { phase = 'Unknown', initContainerStatuses = [], containerStatuses = [] } = object.status ?? {}
  // A sidecar is an init container that stays.
  const lasting = [
    ...initContainerStatuses.filter(({ state }) => state?.terminated === undefined),
    ...containerStatuses,
  ]
  const waiting = lasting.find(({ state }) => isTrouble(state?.waiting?.reason))?.state?.waiting?.reason
  if (waiting !== undefined) return { kind: 'Pod', object, state: { text: waiting, style: 'bad' } }
  if (phase !== 'Running') return { kind: 'Pod', object, state: phase }
  const ready = lasting.filter(status => status.ready).length
  const text = `${phase}, ${ready}/${lasting.length} containers ready`
  return { kind: 'Pod', object, state: { text, style: ready === lasting.length ? 'good' : 'warn' } }
}

type WaitingReason = NonNullable<NonNullable<ContainerStatus['state']>['waiting']>['reason']

function isTrouble(reason: WaitingReason): boolean {
  return reason !== undefined && reason !== 'PodInitializing' && reason !== 'ContainerCreating'
}

export function ofStatefulSet(object: StatefulSet): TreeObject {
  const { readyReplicas = 0 } = object.status ?? {}
  const { replicas = 1 } = object.spec ?? {}
  const text = `${readyReplicas}/${replicas} ready`
  return { kind: 'StatefulSet', object, state: { text, style: readyReplicas === replicas ? 'good' : 'warn' } }
}

export function ofClaim(object: PersistentVolumeClaim): TreeObject {
  const { phase = 'Pending', capacity } = object.status ?? {}
  const size = capacity?.['storage']
  const text = size === undefined ? phase : `${phase}, ${size}`
  return { kind: 'PersistentVolumeClaim', object, state: { text, style: phase === 'Bound' ? 'good' : 'warn' } }
}

export function ofJob(object: Job): TreeObject {
  const { active = 0, conditions = [] } = object.status ?? {}
  const end = conditions.find(({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'))
  if (!end) return { kind: 'Job', object, state: { text: active > 0 ? 'Running' : 'Pending', style: 'warn' } }
  return { kind: 'Job', object, state: { text: end.type, style: end.type === 'Complete' ? 'good' : 'bad' } }
}

export function ofService(object: Service): TreeObject {
  const { clusterIP, type = 'ClusterIP' } = object.spec ?? {}
  return { kind: 'Service', object, state: clusterIP === 'None' ? 'headless' : type }
}

export function ofDisruptionBudget(object: PodDisruptionBudget): TreeObject {
  const { disruptionsAllowed = 0 } = object.status ?? {}
  return { kind: 'PodDisruptionBudget', object, state: `allows ${disruptionsAllowed} now` }
}
