/** The NetworkPolicy of a node of no pool, made to fit the other policies that select its pod: `applyNetworkPolicy`, `selectionOf`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import { NODE_LABEL } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { podLabels } from '../../../build/metadata.ts'
import { childNames } from '../../../build/names.ts'
import { buildNetworkPolicy } from '../../../build/network-policy.ts'
import type { PlatformConfig } from '../../../build/platform.ts'
import { networkPolicies } from '../../../kube/resources.ts'
import { isSelected } from '../../../lib/label-selector.ts'
import { applyChild, type ChildProblem, problemOf } from '../../shared/children/apply-child.ts'
import { deleteOwn } from '../../shared/deletion.ts'
import { sidecarPortOf } from '../../shared/pods/pod-state.ts'
import { poolOf } from '../../shared/rollout-gate.ts'
import type { VerifiedChildren } from '../../shared/children/verified-children.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { buildInput, nodeOwner } from '../owner.ts'

/**
 * Made or changed as the spec and the other policies ask; deleted where the node is to have none.
 * @param verified what earlier reconciles found
 * @returns why it is not as it should be
 */
export async function applyNetworkPolicy(
  node: SeiNode,
  verified: VerifiedChildren,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<ChildProblem | undefined> {
  const { client, stores, platform } = dependencies
  const names = childNames(node)
  if (!isWanted(node, platform)) {
    await deleteNetworkPolicy(node, dependencies, signal)
    verified.forgetAnswer(networkPolicies.kind, names.networkPolicy)
    return undefined
  }
  const input = buildInput(node)
  const pod = stores.pods.get(`${node.metadata.namespace}/${names.pod}`)
  const state = { livePort: pod && sidecarPortOf(pod), isIsolated: isIsolated(node, pod, dependencies) }
  const applied = await applyChild(
    client,
    nodeOwner(node),
    {
      resource: networkPolicies,
      store: stores.networkPolicies,
      name: names.networkPolicy,
      build: () => buildNetworkPolicy(input, platform, state),
      verified,
      inputs: { ...input, ...state },
    },
    signal,
  )
  return problemOf(applied)
}

export async function deleteNetworkPolicy(
  node: SeiNode,
  { client, stores }: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const policy = stores.networkPolicies.get(`${node.metadata.namespace}/${childNames(node).networkPolicy}`)
  await deleteOwn(client, nodeOwner(node), networkPolicies, policy, signal)
}

/** The key of the one SeiNode whose pod the policy can select, `NAMESPACE/` where it can select others too. */
export function selectionOf({ metadata, spec }: Readonly<NetworkPolicy>): string {
  return `${metadata?.namespace}/${spec?.podSelector.matchLabels?.[NODE_LABEL] ?? ''}`
}

// No rule could name an operator outside the cluster. A pool has one policy for all its nodes.
function isWanted(node: SeiNode, { operatorNamespace, nodeNetworkPolicies }: PlatformConfig): boolean {
  return nodeNetworkPolicies && operatorNamespace !== '' && poolOf(node) === undefined
}

/** Whether another policy selects the node's pod for ingress. */
function isIsolated(node: SeiNode, pod: Readonly<Pod> | undefined, { stores }: NodeDependencies): boolean {
  const { namespace, name } = node.metadata
  const names = childNames(node)
  // Until there is a pod, as it is going to be labelled.
  const labels = pod?.metadata?.labels ?? { ...podLabels(node), 'statefulset.kubernetes.io/pod-name': names.pod }
  const candidates = [`${namespace}/${name}`, `${namespace}/`].flatMap(stores.policiesBySelection)
  return candidates.some(
    ({ metadata, spec }) =>
      metadata?.name !== names.networkPolicy &&
      spec?.policyTypes?.includes('Ingress') === true &&
      isSelected(labels, spec.podSelector),
  )
}
