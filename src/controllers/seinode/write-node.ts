/** The writes to the SeiNode itself: `nodeWriter`. */
import { NODE_FINALIZER } from '../../api/names.ts'
import { seiNodes } from '../../api/resources.ts'
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { ObjectWriter } from '../shared/write-object.ts'
import type { NodeDependencies } from './dependencies.ts'

export function nodeWriter({ client, stores }: NodeDependencies): ObjectWriter<SeiNodeStatus, SeiNode> {
  return new ObjectWriter<SeiNodeStatus, SeiNode>(seiNodes, NODE_FINALIZER, { phase: 'Pending' }, client, stores.nodes)
}
