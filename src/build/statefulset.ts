/** The StatefulSet of a node's single pod: `buildStatefulSet`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { SPEC_ANNOTATION, TEMPLATE_ANNOTATION } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { withAppliedHash } from './applied-hash.ts'
import { nodeLabels, nodeSelector } from './labels.ts'
import { childNames } from './names.ts'
import { ownerReference } from './owner-reference.ts'
import { stableHash } from '../lib/stable-hash.ts'
import type { PlatformConfig } from './platform.ts'
import { buildPodTemplate, type PodState } from './pod.ts'
import { previousImageMark } from './seid-image.ts'
import { type UploadSigns, withoutStrayBucket } from './upload-bucket.ts'

export interface StatefulSetState extends UploadSigns {
  /** The existing StatefulSet. */
  readonly live?: StatefulSet | undefined
  /** The parts of the template that derive from the node's status. */
  readonly pod?: PodState
  /** Pins the pod to `status.currentRevision`, also when it is recreated. */
  readonly isPinned?: boolean
  /** Scales the StatefulSet to zero. */
  readonly isStopped?: boolean
}

/**
 * The volume is a separate claim, not a volumeClaimTemplate: those are immutable, and nothing deletes their claims.
 * @throws TypeError where the node has no UID yet
 */
export function buildStatefulSet(
  node: SeiNode,
  platform: PlatformConfig,
  { live, pod, isPinned = true, isStopped = false, ...signs }: StatefulSetState = {},
): StatefulSet {
  const names = childNames(node)
  const template = buildNodeTemplate(node, platform, { live, ...(pod ? { pod } : {}), ...signs })
  const spec = templateSpec(node, live)
  return withAppliedHash<StatefulSet>({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: names.statefulSet,
      ...(node.metadata.namespace === undefined ? {} : { namespace: node.metadata.namespace }),
      labels: nodeLabels(node),
      annotations: {
        [SPEC_ANNOTATION]: spec,
        [TEMPLATE_ANNOTATION]: stableHash(template),
        ...previousImageMark(live, node.spec.image, spec === specOf(live)),
      },
      ownerReferences: [ownerReference('SeiNode', node)],
    },
    spec: {
      replicas: isStopped ? 0 : 1,
      serviceName: live?.spec?.serviceName ?? names.service,
      selector: { matchLabels: selectorOf(node, live) },
      // With one replica, partition 1 pins the pod to its revision and 0 lets the StatefulSet controller replace it.
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: isPinned ? 1 : 0 } },
      ...immutable(live),
      template,
    },
  })
}

/** The StatefulSet's pod template. */
export function buildNodeTemplate(
  node: SeiNode,
  platform: PlatformConfig,
  { live, pod, ...signs }: Pick<StatefulSetState, 'live' | 'pod' | keyof UploadSigns>,
): PodTemplateSpec {
  const template = withoutStrayBucket(buildPodTemplate(node, platform, pod), node, live, signs)
  const { metadata } = template
  // The labels must match the selector of an adopted StatefulSet, which may have labels that a user may set, too.
  return { ...template, metadata: { ...metadata, labels: { ...metadata?.labels, ...selectorOf(node, live) } } }
}

function selectorOf(node: SeiNode, live: StatefulSet | undefined): Record<string, string> {
  return live?.spec?.selector.matchLabels ?? nodeSelector(node)
}

/**
 * `GENERATION-HASH` of the spec without the parts that do not affect the pod. Unchanged while the hash is the same, so that
 * an edit of those parts causes no write.
 */
function templateSpec({ metadata, spec }: SeiNode, live: StatefulSet | undefined): string {
  const { paused: _, storage: __, networkPolicy: ___, serviceMetadata: ____, upgrades: _____, ...rest } = spec
  const hash = stableHash(rest)
  const known = specOf(live)
  return known?.split('-')[1] === hash ? known : `${metadata.generation ?? 0}-${hash}`
}

function specOf(live: Readonly<StatefulSet> | undefined): string | undefined {
  return live?.metadata?.annotations?.[SPEC_ANNOTATION]
}

/**
 * Whether the user edited the spec since the template of `live` was written. That changes generation and hash. The defaults
 * of a newer CRD change only the hash; a pause changes only the generation.
 */
export function isSpecEdited(node: SeiNode, live: Readonly<StatefulSet>): boolean {
  const known = specOf(live)
  if (known === undefined) return false
  const [generation, hash] = known.split('-')
  const [newGeneration, newHash] = templateSpec(node, undefined).split('-')
  return hash !== newHash && Number(newGeneration) > Number(generation)
}

/**
 * Whether `live` was last applied with another template. A field that the template no longer has is no difference from
 * `live`, which still has it. Unknown, and false, of a StatefulSet of an earlier operator.
 */
export function isOfOtherTemplate(live: Readonly<StatefulSet>, template: PodTemplateSpec): boolean {
  const known = live.metadata?.annotations?.[TEMPLATE_ANNOTATION]
  return known !== undefined && known !== stableHash(template)
}

/** Whether the StatefulSet pins its pod to the current revision. */
export function isPodPinned({ spec }: Readonly<StatefulSet>): boolean {
  return (spec?.updateStrategy?.rollingUpdate?.partition ?? 0) > 0
}

// Immutable fields (revisionHistoryLimit: before Kubernetes 1.33) keep the values of an adopted StatefulSet.
function immutable(live: StatefulSet | undefined): { podManagementPolicy: string; revisionHistoryLimit: number } {
  return {
    // The default, OrderedReady, does not replace a pod that was never ready: a corrected image would not reach it.
    podManagementPolicy: live?.spec?.podManagementPolicy ?? 'Parallel',
    revisionHistoryLimit: live?.spec?.revisionHistoryLimit ?? 3,
  }
}
