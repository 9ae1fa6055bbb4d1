/** The NetworkPolicy for the sidecar of a node that belongs to no pool: `buildNetworkPolicy`. */
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1.d.ts'
import { SEID_PORTS } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { withAppliedHash } from './applied-hash.ts'
import { nodeLabels, nodeSelector } from './labels.ts'
import { childNames } from './names.ts'
import { nodeSettings } from './node-settings.ts'
import { ownerReference } from './owner-reference.ts'
import type { PlatformConfig } from './platform.ts'

export interface NetworkPolicyState {
  /** Port of the running pod's sidecar, which may differ from the port in the spec. */
  readonly livePort?: number | undefined
  /** Another NetworkPolicy selects the pod for ingress. */
  readonly isIsolated: boolean
}

/**
 * Only the operator and the sources in the spec reach the sidecar. NetworkPolicies are additive: if this is the only one, it
 * opens all other ports; if there are others, it leaves those ports to them.
 * @throws TypeError where the node has no UID yet
 */
export function buildNetworkPolicy(
  node: SeiNode,
  platform: PlatformConfig,
  { livePort, isIsolated }: NetworkPolicyState,
): NetworkPolicy {
  const { port } = nodeSettings(node, platform).sidecar
  const sidecarPorts = [...new Set([port, livePort ?? port])].toSorted((a, b) => a - b)
  const { namespace } = node.metadata
  return withAppliedHash<NetworkPolicy>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: childNames(node).networkPolicy,
      ...(namespace === undefined ? {} : { namespace }),
      labels: nodeLabels(node),
      ownerReferences: [ownerReference('SeiNode', node)],
    },
    spec: {
      podSelector: { matchLabels: nodeSelector(node) },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [operatorPeer(platform), ...(node.spec.networkPolicy?.sidecarFrom ?? [])],
          ports: tcpPorts(sidecarPorts),
        },
        ...(isIsolated ? [] : [{ ports: seidPorts(sidecarPorts) }, { ports: portsBut(sidecarPorts) }]),
      ],
    },
  })
}

/** Selects the pods of the operator's namespace. */
export function operatorPeer({ operatorNamespace }: PlatformConfig): NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operatorNamespace } } }
}

export function tcpPorts(numbers: readonly number[]): NetworkPolicyPort[] {
  return numbers.map(port => ({ port, protocol: 'TCP' }))
}

/** A separate rule, because network plugins without support for `endPort` open only the first port of a range. */
function seidPorts(closed: readonly number[]): NetworkPolicyPort[] {
  return tcpPorts(Object.values(SEID_PORTS).filter(port => !closed.includes(port)))
}

/** @param closed in ascending order */
function portsBut(closed: readonly number[]): NetworkPolicyPort[] {
  const starts = [1, ...closed.map(port => port + 1)]
  const ends = [...closed.map(port => port - 1), 65_535]
  const ranges = starts.map((port, index): NetworkPolicyPort => ({ port, endPort: ends[index] ?? 0, protocol: 'TCP' }))
  return [
    ...ranges.filter(({ port, endPort = 0 }) => Number(port) <= endPort),
    { protocol: 'UDP' },
    { protocol: 'SCTP' },
  ]
}
