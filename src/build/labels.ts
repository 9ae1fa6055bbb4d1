/** The labels of a node's objects: `nodeSelector` never changes, `nodeLabels` are for people and for watches. */
import { NODE_LABEL, POOL_LABEL } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'

const CHAIN_LABEL = 'sei.io/chain-id'
const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/** What the node's StatefulSet and Service select pods by. A StatefulSet's selector is immutable. */
export function nodeSelector(node: SeiNode): Record<string, string> {
  return { [NODE_LABEL]: node.metadata.name }
}

/** On every object of the node, its pod included. */
export function nodeLabels(node: SeiNode): Record<string, string> {
  const { name, labels } = node.metadata
  const { chainId } = node.spec
  const pool = labels?.[POOL_LABEL]
  return {
    'app.kubernetes.io/name': 'sei-node',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/managed-by': 'sei-k8s-controller',
    ...nodeSelector(node),
    // A chain id may end in "-" or "_", which no label value does: the API server would refuse the object.
    ...(LABEL_VALUE.test(chainId) ? { [CHAIN_LABEL]: chainId } : {}),
    ...(pool === undefined ? {} : { [POOL_LABEL]: pool }),
  }
}
