/** How requests address the kinds: `seiNodes`. */
import type { Resource } from '../kube/types.ts'
import { GROUP, VERSION } from './names.ts'
import type { SeiNode } from './seinode.ts'

export const seiNodes: Resource<SeiNode> = {
  group: GROUP,
  version: VERSION,
  kind: 'SeiNode',
  plural: 'seinodes',
  namespaced: true,
}
