/** The NetworkPolicy of a pool's nodes: `buildPoolNetworkPolicy`. */
import type { NetworkPolicy, NetworkPolicyIngressRule } from 'kubernetes-types/networking/v1.d.ts'
import { METRICS_NAMESPACE_LABEL, POOL_LABEL, SEID_PORTS, SIDECAR_PORT } from '../../api/names.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { withAppliedHash } from '../applied-hash.ts'
import { operatorPeer, tcpPorts } from '../network-policy.ts'
import type { PlatformConfig } from '../platform.ts'
import { policyMetadata } from './policy-metadata.ts'

/**
 * Pods with the pool's label reach the chain's ports. The operator reaches the sidecars, and seid's RPC, which tells whether
 * a node follows the chain. Prometheus reaches the metrics. All other ingress is denied, except the kubelet's probes, to
 * which no NetworkPolicy applies.
 * @param livePorts sidecar ports of the existing pods, which may differ from the port in the spec
 */
export function buildPoolNetworkPolicy(
  pool: SeiNodePool,
  platform: PlatformConfig,
  livePorts: readonly number[] = [],
): NetworkPolicy {
  const { name } = pool.metadata
  const members = { matchLabels: { [POOL_LABEL]: name } }
  const sidecarPort = pool.spec.nodeConfiguration.sidecar?.port ?? SIDECAR_PORT
  const sidecarPorts = [...new Set([sidecarPort, ...livePorts])].toSorted((a, b) => a - b)
  const [metricsKey, metricsValue] = METRICS_NAMESPACE_LABEL
  const operator: NetworkPolicyIngressRule = {
    from: [operatorPeer(platform)],
    ports: tcpPorts([...sidecarPorts, SEID_PORTS.rpc]),
  }
  return withAppliedHash<NetworkPolicy>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: policyMetadata(pool),
    spec: {
      podSelector: members,
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ podSelector: members }], ports: tcpPorts(Object.values(SEID_PORTS)) },
        ...(platform.operatorNamespace === '' ? [] : [operator]),
        {
          from: [{ namespaceSelector: { matchLabels: { [metricsKey]: metricsValue } } }],
          ports: tcpPorts([SEID_PORTS.metrics]),
        },
      ],
    },
  })
}
