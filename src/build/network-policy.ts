/** Who may reach the sidecar of a node of no pool: `buildNetworkPolicy`. */
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
  /** Where the sidecar of the pod that is there listens; the spec may name another port by now. */
  readonly livePort?: number | undefined
  /** Another policy selects the pod for ingress: only what policies allow reaches it. */
  readonly isIsolated: boolean
}

/**
 * The operator and the sources that the spec names reach the sidecar, and nobody else. Policies add up, so all other ports
 * are opened where this is the only policy, and left to the others where there are any.
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

/** The pods of the operator's namespace. */
export function operatorPeer({ operatorNamespace }: PlatformConfig): NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operatorNamespace } } }
}

export function tcpPorts(numbers: readonly number[]): NetworkPolicyPort[] {
  return numbers.map(port => ({ port, protocol: 'TCP' }))
}

/** A rule of their own: networks that do not know `endPort` open the first port of a range alone. */
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
