/** How the pod template that a node should have differs from that of its StatefulSet: `templateState`. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { isAppliedAs } from '../../build/applied-hash.ts'
import type { PodState } from '../../build/pod.ts'
import { buildNodeTemplate, buildStatefulSet, holdsPod } from '../../build/statefulset.ts'
import type { UploadSigns } from '../../build/upload-bucket.ts'
import { statefulSets } from '../../kube/resources.ts'
import { isEqualJson } from '../../lib/equal-json.ts'
import { differences, isSubset } from '../../lib/subset.ts'
import type { VerifiedChildren } from '../shared/verified-children.ts'
import { buildInput } from './build-input.ts'
import type { NodeDependencies } from './dependencies.ts'

export interface TemplateState {
  readonly isChanged: boolean
  /** So is what the pod is made of, beyond the mark of the configuration. */
  readonly isPodSpecChanged: boolean
  /** Builds it. */
  readonly desired: () => PodTemplateSpec
}

export interface TemplateInputs extends UploadSigns {
  readonly pod: PodState
}

const MEMO = 'PodTemplate'

/** @param verified what earlier reconciles found: a template without a difference is compared anew when a side changes */
export function templateState(
  node: SeiNode,
  state: TemplateInputs,
  live: Readonly<StatefulSet> | undefined,
  verified: VerifiedChildren,
  { platform }: Pick<NodeDependencies, 'platform'>,
): TemplateState {
  const input = buildInput(node)
  const desired = (): PodTemplateSpec => buildNodeTemplate(input, platform, { ...state, live })
  const unchanged = { isChanged: false, isPodSpecChanged: false, desired }
  const inputs = { ...input, ...state }
  if (!live || verified.has(MEMO, live, inputs)) return unchanged
  const template = desired()
  const current = { isHeld: holdsPod(live), isStopped: live.spec?.replicas === 0 }
  // What differs from a template that was applied is due to admission or to an edit by hand: there is nothing to roll out.
  const isApplied = (): boolean => isAppliedAs(live, buildStatefulSet(input, platform, { ...state, ...current, live }))
  if (isSubset({ spec: { template } }, live) || isApplied()) {
    verified.note(MEMO, live, inputs)
    return unchanged
  }
  const rewritten = verified.answerOf(statefulSets.kind, live.metadata?.name ?? '') ?? []
  const isPodSpecChanged = differences({ spec: { template: { spec: template.spec } } }, live).some(
    difference => !rewritten.some(known => isEqualJson(known, difference)),
  )
  return { isChanged: true, isPodSpecChanged, desired }
}
