/** A copy of what a namespace has of nodes and pools, to plan on: `readSnapshot`. */
import { CONSENSUS_ADDRESS_LABEL } from '../../api/names.ts'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { KubeClient, ListOptions } from '../../kube/client.ts'
import { ApiError } from '../../kube/errors.ts'
import {
  jobs,
  leases,
  networkPolicies,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  services,
  statefulSets,
  storageClasses,
} from '../../kube/resources.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import { World, type WorldOptions } from './simulation/world.ts'

/** Without one of them, nobody can tell what a node has. */
const NEEDED: readonly Resource[] = [
  seiNodes,
  seiNodePools,
  statefulSets,
  services,
  persistentVolumeClaims,
  networkPolicies,
  pods,
  podDisruptionBudgets,
  jobs,
]

type Load = (world: World) => void

export interface Snapshot {
  /** Each has its own copy. */
  readonly copy: () => World
  readonly mayReadClasses: boolean
  readonly mayReadLeases: boolean
}

/**
 * @param operatorNamespace where keys of validators are reserved
 * @throws ApiError where one of the namespace's kinds may not be listed
 */
export async function readSnapshot(
  client: Pick<KubeClient, 'list'>,
  namespace: string,
  operatorNamespace: string,
  options: WorldOptions,
  signal: AbortSignal,
): Promise<Snapshot> {
  const [classes, reserved, ...needed] = await Promise.all([
    unlessForbidden(listed(client, storageClasses, { signal })),
    unlessForbidden(
      listed(client, leases, { namespace: operatorNamespace, labelSelector: CONSENSUS_ADDRESS_LABEL, signal }),
    ),
    ...NEEDED.map(resource => listed(client, resource, { namespace, signal })),
  ])
  const loads = [...needed, classes, reserved]
  return {
    copy: () => {
      const world = new World(options)
      for (const load of loads) load?.(world)
      return world
    },
    mayReadClasses: classes !== undefined,
    mayReadLeases: reserved !== undefined,
  }
}

async function listed<T extends KubeObject>(
  client: Pick<KubeClient, 'list'>,
  resource: Resource<T>,
  options: ListOptions<T>,
): Promise<Load> {
  const { items } = await client.list(resource, options)
  return world => {
    for (const object of items) world.load(resource, object)
  }
}

async function unlessForbidden<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined
    throw error
  }
}
