/** `kubectl sei tree`: a node or pool with everything that it owns; `runTree`. */
import { NODE_LABEL, POOL_LABEL } from '../../api/names.ts'
import { seiNodes } from '../../api/resources.ts'
import { childNames } from '../../build/names.ts'
import { ApiError } from '../../kube/errors.ts'
import {
  jobs,
  networkPolicies,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  services,
  statefulSets,
} from '../../kube/resources.ts'
import { resourceName } from '../../kube/resource-path.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import type { Cluster } from '../cluster/connect.ts'
import { findTarget, type Target } from '../cluster/find.ts'
import { EXIT_CODES, type ExitCode } from '../exit-code.ts'
import { renderTree } from '../output/tree.ts'
import type { Session } from '../session.ts'
import {
  objectTree,
  ofClaim,
  ofDisruptionBudget,
  ofJob,
  ofPod,
  ofSei,
  ofService,
  ofStatefulSet,
  type TreeObject,
} from './objects.ts'

export async function runTree(session: Session, reference: string): Promise<ExitCode> {
  const { io } = session
  const cluster = await session.connect()
  const namespace = await session.namespace()
  const target = await findTarget(cluster.client, namespace, reference)
  const { objects, unreadable } = await readObjects(cluster, namespace, target, io.signal)
  const nodes = target.kind === 'node' ? [target.object] : await membersOf(cluster, namespace, target, io.signal)
  const root = ofSei(target.kind === 'node' ? 'SeiNode' : 'SeiNodePool', target.object)
  const members = target.kind === 'node' ? [] : nodes.map(node => ofSei('SeiNode', node))
  io.print(renderTree(objectTree(root, [...members, ...objects], nodes), io.style).join('\n'))
  for (const name of unreadable) io.note(`not shown: you may not list ${name} in namespace ${namespace}`)
  return EXIT_CODES.ok
}

async function membersOf({ client }: Cluster, namespace: string, { object }: Target, signal: AbortSignal) {
  const labelSelector = `${POOL_LABEL}=${object.metadata.name}`
  const { items } = await client.list(seiNodes, { namespace, labelSelector, signal })
  // A node that only joined the pool's network has the label too.
  return items.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid))
}

async function readObjects(
  { client }: Cluster,
  namespace: string,
  { kind, object }: Target,
  signal: AbortSignal,
): Promise<{ readonly objects: readonly TreeObject[]; readonly unreadable: readonly string[] }> {
  const { name } = object.metadata
  const labelSelector = kind === 'pool' ? `${POOL_LABEL}=${name}` : `${NODE_LABEL}=${name}`
  const unreadable: string[] = []
  const unlessForbidden = async <T extends KubeObject>(
    resource: Resource<T>,
    answer: Promise<readonly T[]>,
    of: (item: T) => TreeObject,
  ): Promise<readonly TreeObject[]> => {
    try {
      return (await answer).map(of)
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 403)) throw error
      unreadable.push(resourceName(resource))
      return []
    }
  }
  const list = <T extends KubeObject>(
    resource: Resource<T>,
    of: (item: T) => TreeObject,
  ): Promise<readonly TreeObject[]> => {
    const answer = client.list(resource, { namespace, labelSelector, signal }).then(({ items }) => items)
    return unlessForbidden(resource, answer, of)
  }
  // The claim of `genesis.pvc` has no label of the node.
  const claimOf = async (): Promise<readonly TreeObject[]> => {
    if (kind === 'pool') return list(persistentVolumeClaims, ofClaim)
    const key = { namespace, name: childNames(object).dataVolume }
    const answer = client.get(persistentVolumeClaims, key, { signal }).then(claim => (claim ? [claim] : []))
    return unlessForbidden(persistentVolumeClaims, answer, ofClaim)
  }
  const found = await Promise.all([
    claimOf(),
    list(jobs, ofJob),
    list(statefulSets, ofStatefulSet),
    list(pods, ofPod),
    list(services, ofService),
    list(networkPolicies, item => ({ kind: 'NetworkPolicy', object: item, state: '' })),
    list(podDisruptionBudgets, ofDisruptionBudget),
  ])
  return { objects: found.flat(), unreadable }
}
