/** The StatefulSet that runs a node's one pod: `buildStatefulSet`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { TEMPLATE_ANNOTATION } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { withAppliedHash } from './applied-hash.ts'
import { nodeLabels, nodeSelector } from './labels.ts'
import { childNames } from './names.ts'
import { ownerReference } from './owner-reference.ts'
import type { PlatformConfig } from './platform.ts'
import { buildPodTemplate } from './pod.ts'
import { type UploadSigns, withoutStrayBucket } from './upload-bucket.ts'

export interface StatefulSetState extends UploadSigns {
  /** The StatefulSet as it stands, if there is one. */
  readonly live?: StatefulSet | undefined
  /** Hash of the configuration that the pod has to be restarted for. */
  readonly configHash?: string | undefined
}

/**
 * The volume is a claim of its own, not a volumeClaimTemplate: those are immutable, and nothing deletes their claims.
 * @throws TypeError where the node has no UID yet
 */
export function buildStatefulSet(
  node: SeiNode,
  platform: PlatformConfig,
  { live, configHash, ...signs }: StatefulSetState = {},
): StatefulSet {
  const names = childNames(node)
  const revision = node.metadata.annotations?.[TEMPLATE_ANNOTATION]
  const selector = live?.spec?.selector.matchLabels ?? nodeSelector(node)
  const template = withoutStrayBucket(buildPodTemplate(node, platform, configHash), node, live, signs)
  return withAppliedHash<StatefulSet>({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: names.statefulSet,
      ...(node.metadata.namespace === undefined ? {} : { namespace: node.metadata.namespace }),
      labels: nodeLabels(node),
      ...(revision === undefined ? {} : { annotations: { [TEMPLATE_ANNOTATION]: revision } }),
      ownerReferences: [ownerReference('SeiNode', node)],
    },
    spec: {
      replicas: 1,
      serviceName: live?.spec?.serviceName ?? names.service,
      selector: { matchLabels: selector },
      updateStrategy: { type: 'RollingUpdate' },
      ...immutable(live),
      template: withLabels(template, selector),
    },
  })
}

// The template has to carry whatever a StatefulSet that is taken over selects by.
function withLabels(template: PodTemplateSpec, selector: Record<string, string>): PodTemplateSpec {
  const { metadata } = template
  return { ...template, metadata: { ...metadata, labels: { ...selector, ...metadata?.labels } } }
}

// Fields that cannot change (revisionHistoryLimit: before Kubernetes 1.33) stay as a StatefulSet that is taken over has them.
function immutable(live: StatefulSet | undefined): { podManagementPolicy: string; revisionHistoryLimit: number } {
  return {
    // The default, OrderedReady, leaves a pod of an old revision alone when it was never ready: a corrected image would
    // not reach it.
    podManagementPolicy: live?.spec?.podManagementPolicy ?? 'Parallel',
    revisionHistoryLimit: live?.spec?.revisionHistoryLimit ?? 3,
  }
}
