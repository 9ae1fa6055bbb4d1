/** Keeps nodes from their peers by NetworkPolicies: `part`, `partFromPeers`. */
import type { NetworkPolicyEgressRule, NetworkPolicySpec } from 'kubernetes-types/networking/v1.d.ts'

import { POOL_LABEL } from '../../src/api/names.ts'
import { networkPolicies } from '../../src/kube/resources.ts'
import type { Cluster } from './cluster.ts'
import { NAMESPACE, POOL } from './pool-fixture.ts'

export interface Parted {
  /** Cuts them off from one another too. */
  separate(): Promise<void>
  reconnect(): Promise<void>
}

/** Every pod of a StatefulSet has it. */
const POD_LABEL = 'statefulset.kubernetes.io/pod-name'
const DNS: NetworkPolicyEgressRule = { ports: [{ protocol: 'UDP', port: 53 }] }

/** Cuts these nodes of the chain off from all others. Within both groups, nodes reach each other. */
export async function part(cluster: Cluster, nodes: readonly string[]): Promise<Parted> {
  const [ours, others] = [podsOf('In', nodes), podsOf('NotIn', nodes)]
  const few = { namespace: NAMESPACE, name: 'few' }
  const many = { namespace: NAMESPACE, name: 'many' }
  await limitEgress(cluster, few.name, ours, [{ to: [{ podSelector: ours }] }, DNS])
  await limitEgress(cluster, many.name, others, [{ to: [{ podSelector: others }] }, DNS])
  return {
    separate: async () => {
      await cluster.client.patch(networkPolicies, few, { spec: { egress: [DNS] } }, { type: 'merge' })
    },
    reconnect: () => removePolicies(cluster, [few.name, many.name]),
  }
}

/**
 * Keeps a node that nobody knows yet from the chain's peers, but not from the S3 fake.
 * @returns what lifts that
 */
export async function partFromPeers(cluster: Cluster, node: string): Promise<() => Promise<void>> {
  const name = `${node}-without-peers`
  await limitEgress(cluster, name, podsOf('In', [node]), [{ ports: [{ port: 9000 }] }, DNS])
  return () => removePolicies(cluster, [name])
}

function podsOf(operator: 'In' | 'NotIn', nodes: readonly string[]): NetworkPolicySpec['podSelector'] {
  const values = nodes.map(node => `${node}-0`)
  return { matchLabels: { [POOL_LABEL]: POOL }, matchExpressions: [{ key: POD_LABEL, operator, values }] }
}

async function limitEgress(
  cluster: Cluster,
  name: string,
  podSelector: NetworkPolicySpec['podSelector'],
  egress: NetworkPolicyEgressRule[],
): Promise<void> {
  const spec = { podSelector, policyTypes: ['Egress'], egress }
  await cluster.client.create(networkPolicies, { metadata: { namespace: NAMESPACE, name }, spec })
}

async function removePolicies(cluster: Cluster, names: readonly string[]): Promise<void> {
  await cluster.kubectl(['delete', 'networkpolicy', ...names, `--namespace=${NAMESPACE}`])
}
