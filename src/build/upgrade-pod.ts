/** The pod that pulls the image of the next upgrade onto the machine of a node: `buildUpgradePod`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { SEID_CONTAINER, UPGRADE_POD_LABEL } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { pullSecrets } from './container-settings.ts'
import { ownerReference } from './owner-reference.ts'
import type { PlatformConfig } from './platform.ts'
import { tolerationsOf } from './scheduling.ts'
import { containerSecurityContext, podSecurityContext } from './security.ts'

export function upgradePodName(node: Readonly<SeiNode>): string {
  return `${node.metadata.name}-upgrade`
}

/**
 * It prints the version and ends. Until it is deleted, the kubelet keeps the image. It has neither the label of the node's
 * pod nor its volume: no Service, policy or budget selects it.
 * @param machine name of the cluster node
 * @throws TypeError where the node has no UID yet
 */
export function buildUpgradePod(node: SeiNode, platform: PlatformConfig, image: string, machine: string): Pod {
  const { name, namespace } = node.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: upgradePodName(node),
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        'app.kubernetes.io/name': 'sei-node-upgrade',
        'app.kubernetes.io/managed-by': 'sei-k8s-controller',
        [UPGRADE_POD_LABEL]: name,
      },
      ownerReferences: [ownerReference('SeiNode', node)],
    },
    spec: {
      nodeName: machine,
      tolerations: tolerationsOf(platform, node.spec.scheduling),
      ...pullSecrets(node.spec.imagePullSecrets, platform),
      restartPolicy: 'Never',
      serviceAccountName: platform.serviceAccount,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(),
      containers: [
        {
          name: SEID_CONTAINER,
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['seid', 'version'],
          resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } },
          securityContext: containerSecurityContext(),
        },
      ],
    },
  }
}
