/** A SeiNode as the owner of its objects: `nodeOwner`. */
import { API_VERSION, NODE_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { Owner } from '../shared/ownership.ts'

/** A retained volume has no owner reference. It stays the node's own when somebody takes its labels away. */
export function nodeOwner({ metadata, status }: SeiNode): Owner {
  const volumeUID = status?.initPlan?.volumeUID
  const known = volumeUID === undefined ? [] : [volumeUID]
  return { apiVersion: API_VERSION, kind: 'SeiNode', metadata, label: NODE_LABEL, known }
}
