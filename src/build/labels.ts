/** Labels: `nodeSelector` never changes, `nodeLabels` and `poolLabels` are for users and watches, `claimLabels` for claims, `spreadGroup` for the scheduler. */
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'
import { NODE_LABEL, ORDINAL_LABEL, POOL_LABEL } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import type { SeiNodePool } from '../api/seinodepool.ts'
import type { SpreadGroup } from './scheduling.ts'

/** Labels that are copied from a SeiNode to its objects. */
const PASSED_ON: readonly string[] = [POOL_LABEL, ORDINAL_LABEL]

const INSTANCE_LABEL = 'app.kubernetes.io/instance'
const APPLICATION_LABEL = 'app.kubernetes.io/name'
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

/** The validators of a pool, and the pods that prepare their volumes. */
export function validatorSelector(pool: string): LabelSelector {
  return { matchLabels: { [POOL_LABEL]: pool }, matchExpressions: [{ key: ORDINAL_LABEL, operator: 'Exists' }] }
}

/** What the node's pod is spread among: the validators of its pool, or the nodes of its chain. */
export function spreadGroup(node: SeiNode): SpreadGroup {
  const { [POOL_LABEL]: pool, [ORDINAL_LABEL]: ordinal } = node.metadata.labels ?? {}
  if (pool !== undefined && ordinal !== undefined) return { selector: validatorSelector(pool), isSpread: true }
  const { [APPLICATION_LABEL]: application = '', [CHAIN_LABEL]: chain } = nodeLabels(node)
  const matchLabels = { [APPLICATION_LABEL]: application, ...(chain === undefined ? {} : { [CHAIN_LABEL]: chain }) }
  return { selector: { matchLabels }, isSpread: false }
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
    [APPLICATION_LABEL]: application,
    [INSTANCE_LABEL]: instance,
    'app.kubernetes.io/managed-by': 'sei-k8s-controller',
    // A chain id may end in "-" or "_". A label value may not: the API server would refuse the object.
    ...(LABEL_VALUE.test(chainId) ? { [CHAIN_LABEL]: chainId } : {}),
  }
}

function passedOn(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(PASSED_ON.flatMap(key => (labels[key] === undefined ? [] : [[key, labels[key]]])))
}
