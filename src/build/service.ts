/** The headless Service for the DNS name of a node's pod: `buildService`. */
import type { Service } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../api/seinode.ts'
import { withAppliedHash } from './applied-hash.ts'
import { nodeLabels, nodeSelector } from './labels.ts'
import { withUserMetadata } from './metadata.ts'
import { childNames } from './names.ts'
import { nodeSettings } from './node-settings.ts'
import { ownerReference } from './owner-reference.ts'
import type { PlatformConfig } from './platform.ts'
import { seidPorts, servicePort, sidecarPort } from './ports.ts'

/** @throws TypeError where the node has no UID yet */
export function buildService(node: SeiNode, platform: PlatformConfig): Service {
  const { sidecar } = nodeSettings(node, platform)
  return withAppliedHash<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: childNames(node).service,
      ...(node.metadata.namespace === undefined ? {} : { namespace: node.metadata.namespace }),
      ...withUserMetadata({ labels: nodeLabels(node) }, node.spec.serviceMetadata),
      ownerReferences: [ownerReference('SeiNode', node)],
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      // Peers must resolve each other before any of them is ready.
      publishNotReadyAddresses: true,
      selector: nodeSelector(node),
      ports: [...seidPorts(), sidecarPort(sidecar.port)].map(servicePort),
    },
  })
}
