/** The labels of objects: `nodeSelector` never changes, `nodeLabels` and `poolLabels` are for people and for watches; `claimLabels` are those of claims. */
import { NODE_LABEL, ORDINAL_LABEL, POOL_LABEL } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import type { SeiNodePool } from '../api/seinodepool.ts'

/** Labels of a SeiNode that its objects carry too. */
const PASSED_ON: readonly string[] = [POOL_LABEL, ORDINAL_LABEL]

const INSTANCE_LABEL = 'app.kubernetes.io/instance'
const CHAIN_LABEL = 'sei.io/chain-id'
const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/** What the node's StatefulSet and Service select pods by. A StatefulSet's selector is immutable. */
export function nodeSelector(node: SeiNode): Record<string, string> {
  return { [NODE_LABEL]: node.metadata.name }
}

/** On every object of the node, its pod included. */
export function nodeLabels(node: SeiNode): Record<string, string> {
  const { name, labels } = node.metadata
  return {
    ...commonLabels('sei-node', name, node.spec.chainId),
    ...nodeSelector(node),
    ...passedOn(labels),
  }
}

/** On every object of a pool. What has `sei.io/nodepool` of a pool's name is part of its network. */
export function poolLabels(pool: SeiNodePool): Record<string, string> {
  const { name } = pool.metadata
  return { ...commonLabels('sei-node-pool', name, pool.spec.chainId), [POOL_LABEL]: name }
}

/**
 * Without the label by which Argo CD tracks the objects of an Application unless it is told otherwise: a kept claim has no
 * owner, and would be taken for a leftover of the Application of that name.
 */
export function claimLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key !== INSTANCE_LABEL))
}

function commonLabels(application: string, instance: string, chainId: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': application,
    [INSTANCE_LABEL]: instance,
    'app.kubernetes.io/managed-by': 'sei-k8s-controller',
    // A chain id may end in "-" or "_", which no label value does: the API server would refuse the object.
    ...(LABEL_VALUE.test(chainId) ? { [CHAIN_LABEL]: chainId } : {}),
  }
}

function passedOn(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(PASSED_ON.flatMap(key => (labels[key] === undefined ? [] : [[key, labels[key]]])))
}
