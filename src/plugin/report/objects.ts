/** Reads the objects of a node, a pool or a namespace for a report: `readObjects`. Secrets are never read. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import { NODE_LABEL, ORDINAL_LABEL, POOL_JOB_LABEL, POOL_LABEL } from '../../api/names.ts'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { childNames } from '../../build/names.ts'
import {
  jobs,
  networkPolicies,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  pods,
  services,
  statefulSets,
} from '../../kube/resources.ts'
import { resourceName } from '../../kube/resource-path.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import type { Cluster } from '../cluster/connect.ts'
import type { Target } from '../cluster/find.ts'
import type { ReportReader } from './reader.ts'

export interface ReportObject {
  readonly resource: Resource
  readonly object: KubeObject
}

export interface ReportScope {
  readonly namespace: string
  /** Undefined: everything of Sei in the namespace. */
  readonly target: Target | undefined
  readonly signal: AbortSignal
}

/** The kinds of which objects carry the labels of their node or pool. */
const LABELLED: readonly Resource[] = [statefulSets, services, networkPolicies, podDisruptionBudgets, jobs]

/** Each object once. */
export async function readObjects(
  { client }: Cluster,
  { namespace, target, signal }: ReportScope,
  reader: ReportReader,
): Promise<{ readonly objects: readonly ReportObject[]; readonly pods: readonly Pod[] }> {
  const list = async <T extends KubeObject>(resource: Resource<T>, selectors: readonly string[]): Promise<T[]> => {
    const found = await Promise.all(
      selectors.map(labelSelector =>
        reader.read(resourceName(resource), client.list(resource, { namespace, labelSelector, signal })),
      ),
    )
    const items = found.flatMap(each => each?.items ?? [])
    return [...new Map(items.map(item => [item.metadata?.uid, item] as const)).values()]
  }
  const get = async <T extends KubeObject>(resource: Resource<T>, name: string): Promise<T[]> => {
    const key = resource.namespaced ? { namespace, name } : { name }
    const found = await reader.read(`${resourceName(resource)} ${name}`, client.get(resource, key, { signal }))
    return found ? [found] : []
  }
  const selectors = selectorsOf(target)
  const [nodes, pools] = await nodesAndPools(target, list, get)
  const [foundPods, labelled, claims] = await Promise.all([
    list(pods, selectors),
    Promise.all(LABELLED.map(async resource => of(resource, await list(resource, selectors)))),
    list(persistentVolumeClaims, selectors).then(async found => [...found, ...(await otherClaims(nodes, found, get))]),
  ])
  const volumes = await Promise.all(
    claims.flatMap(({ spec }) => (spec?.volumeName === undefined ? [] : [get(persistentVolumes, spec.volumeName)])),
  )
  return {
    objects: [
      ...of(seiNodePools, pools),
      ...of(seiNodes, nodes),
      ...of(pods, foundPods),
      ...labelled.flat(),
      ...of(persistentVolumeClaims, claims),
      ...of(persistentVolumes, volumes.flat()),
    ],
    pods: foundPods,
  }
}

function of(resource: Resource, objects: readonly KubeObject[]): readonly ReportObject[] {
  return objects.map(object => ({ resource, object }))
}

function selectorsOf(target: Target | undefined): readonly string[] {
  if (!target) return [NODE_LABEL, POOL_LABEL]
  const { name, labels } = target.object.metadata
  if (target.kind === 'pool') return [`${POOL_LABEL}=${name}`]
  const pool = labels?.[POOL_LABEL]
  const ordinal = labels?.[ORDINAL_LABEL]
  const own = `${NODE_LABEL}=${name}`
  // The Job that prepared its volume is the pool's.
  return pool === undefined || ordinal === undefined
    ? [own]
    : [own, `${POOL_LABEL}=${pool},${POOL_JOB_LABEL}=prep-${ordinal}`]
}

type List = <T extends KubeObject>(resource: Resource<T>, selectors: readonly string[]) => Promise<T[]>
type Get = <T extends KubeObject>(resource: Resource<T>, name: string) => Promise<T[]>

async function nodesAndPools(
  target: Target | undefined,
  list: List,
  get: Get,
): Promise<readonly [readonly SeiNode[], readonly SeiNodePool[]]> {
  // An empty selector selects all.
  if (!target) return Promise.all([list(seiNodes, ['']), list(seiNodePools, [''])])
  if (target.kind === 'pool')
    return [await list(seiNodes, [`${POOL_LABEL}=${target.object.metadata.name}`]), [target.object]]
  const pool = target.object.metadata.labels?.[POOL_LABEL]
  return [[target.object], pool === undefined ? [] : await get(seiNodePools, pool)]
}

/** The claim of `genesis.pvc` has no label. */
async function otherClaims(
  nodes: readonly SeiNode[],
  found: readonly PersistentVolumeClaim[],
  get: Get,
): Promise<readonly PersistentVolumeClaim[]> {
  const known = new Set(found.map(({ metadata }) => metadata?.name))
  const names = nodes.map(node => childNames(node).dataVolume).filter(name => !known.has(name))
  return (await Promise.all(names.map(name => get(persistentVolumeClaims, name)))).flat()
}
