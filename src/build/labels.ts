/** Labels: `nodeSelector` never changes, `nodeLabels` and `poolLabels` are for users and watches, `claimLabels` for claims. */
import { NODE_LABEL, ORDINAL_LABEL, POOL_LABEL } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import type { SeiNodePool } from '../api/seinodepool.ts'

/** Labels that are copied from a SeiNode to its objects. */
const PASSED_ON: readonly string[] = [POOL_LABEL, ORDINAL_LABEL]

const INSTANCE_LABEL = 'app.kubernetes.io/instance'
const CHAIN_LABEL = 'sei.io/chain-id'
const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/** The pod selector of the node's StatefulSet and Service. A StatefulSet's selector is immutable. */
export function nodeSelector(node: SeiNode): Record<string, string> {
  return { [NODE_LABEL]: node.metadata.name }
}

/** Labels of every object of the node, its pod included. */
export function nodeLabels(node: SeiNode): Record<string, string> {
  const { name, labels } = node.metadata
  return {
    ...commonLabels('sei-node', name, node.spec.chainId),
    ...nodeSelector(node),
    ...passedOn(labels),
  }
}

/** Labels of every object of a pool. Pods with the label `sei.io/nodepool` are part of the pool's network. */
export function poolLabels(pool: SeiNodePool): Record<string, string> {
  const { name } = pool.metadata
  return { ...commonLabels('sei-node-pool', name, pool.spec.chainId), [POOL_LABEL]: name }
}

/**
 * Omits the label by which Argo CD tracks objects by default: a retained claim has no owner, so Argo CD would prune it as a
 * leftover of the Application.
 */
export function claimLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key !== INSTANCE_LABEL))
}

function commonLabels(application: string, instance: string, chainId: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': application,
    [INSTANCE_LABEL]: instance,
    'app.kubernetes.io/managed-by': 'sei-k8s-controller',
    // A chain id may end in "-" or "_". A label value may not: the API server would refuse the object.
    ...(LABEL_VALUE.test(chainId) ? { [CHAIN_LABEL]: chainId } : {}),
  }
}

function passedOn(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(PASSED_ON.flatMap(key => (labels[key] === undefined ? [] : [[key, labels[key]]])))
}
