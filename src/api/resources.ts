/** API resources of the kinds: `seiNodes`, `seiNodePools`. */
import type { Resource } from '../kube/types.ts'
import { GROUP, VERSION } from './names.ts'
import type { SeiNode } from './seinode.ts'
import type { SeiNodePool } from './seinodepool.ts'

export const seiNodes: Resource<SeiNode> = {
  group: GROUP,
  version: VERSION,
  kind: 'SeiNode',
  plural: 'seinodes',
  namespaced: true,
}

export const seiNodePools: Resource<SeiNodePool> = {
  group: GROUP,
  version: VERSION,
  kind: 'SeiNodePool',
  plural: 'seinodepools',
  namespaced: true,
}
