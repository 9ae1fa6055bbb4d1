/** Scheduling of node pods and Job pods: their cluster nodes, how they are spread, and protection from disruption: `scheduling`. */
import type { Affinity, PodSpec, Toleration, TopologySpreadConstraint } from 'kubernetes-types/core/v1.d.ts'
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'
import { NODEPOOL_LABEL } from '../api/names.ts'
import type { Scheduling } from '../api/scheduling.ts'
import type { PlatformConfig } from './platform.ts'

/** Annotations of every pod: Karpenter must not consolidate a cluster node during a restore or a ceremony. */
export function podAnnotations(): Record<string, string> {
  return { 'karpenter.sh/do-not-disrupt': 'true' }
}

/** The pods that a pod is counted among. */
export interface SpreadGroup {
  readonly selector: LabelSelector
  /** The pod prefers machines and zones without another of the group, unless the spec says otherwise. */
  readonly isSpread: boolean
}

/** For the machines that the platform has for nodes, and those that the spec admits. */
export function tolerationsOf(platform: PlatformConfig, { tolerations = [] }: Scheduling = {}): Toleration[] {
  return [
    { key: platform.tolerationKey, operator: 'Equal', value: platform.tolerationValue, effect: 'NoSchedule' },
    ...tolerations,
  ]
}

type Placed = Pick<
  PodSpec,
  'affinity' | 'tolerations' | 'nodeSelector' | 'priorityClassName' | 'topologySpreadConstraints'
>

/** Requires the platform's Karpenter NodePool, unless the spec names another one, and tolerates the platform's taint. */
export function scheduling(platform: PlatformConfig, spec: Scheduling = {}, group: SpreadGroup): Placed {
  const { nodeSelector, topologySpreadConstraints: constraints } = spec
  const priorityClassName = spec.priorityClassName ?? platform.priorityClass
  return {
    affinity: {
      ...nodeAffinity(platform, spec),
      ...(group.isSpread && platform.spreadValidators && constraints === undefined ? apart(group.selector) : {}),
    },
    tolerations: tolerationsOf(platform, spec),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(priorityClassName === '' ? {} : { priorityClassName }),
    ...(constraints === undefined || constraints.length === 0
      ? {}
      : { topologySpreadConstraints: constraints.map(each => constraint(each, group.selector)) }),
  }
}

function nodeAffinity(platform: PlatformConfig, spec: Scheduling): Pick<Affinity, 'nodeAffinity'> {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, ...preferred } = spec.nodeAffinity ?? {}
  const inNodePool =
    spec.nodeSelector?.[NODEPOOL_LABEL] === undefined
      ? [{ key: NODEPOOL_LABEL, operator: 'In', values: [platform.nodepoolName] }]
      : []
  // A machine has to meet one of the terms: each has to ask for the NodePool.
  const terms = (required?.nodeSelectorTerms ?? [{ matchExpressions: [] }])
    .map(({ matchExpressions }) => ({ matchExpressions: [...inNodePool, ...matchExpressions] }))
    .filter(({ matchExpressions }) => matchExpressions.length > 0)
  if (terms.length === 0 && Object.keys(preferred).length === 0) return {}
  return {
    nodeAffinity: {
      ...(terms.length === 0 ? {} : { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } }),
      ...preferred,
    },
  }
}

/** The weights by topology: two validators in one zone are better than two on one machine. */
const APART: Readonly<Record<string, number>> = { 'kubernetes.io/hostname': 100, 'topology.kubernetes.io/zone': 50 }

/**
 * A preference, so that a pod with its volume in a full zone is still scheduled. Anti-affinity, because the scheduler ignores
 * machines without the label of any topology spread constraint, such as the zone.
 */
function apart(labelSelector: LabelSelector): Pick<Affinity, 'podAntiAffinity'> {
  const preferred = Object.entries(APART).map(([topologyKey, weight]) => ({
    weight,
    podAffinityTerm: { topologyKey, labelSelector },
  }))
  return { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } }
}

function constraint(
  { labelSelector, maxSkew = 1, ...rest }: NonNullable<Scheduling['topologySpreadConstraints']>[number],
  group: LabelSelector,
): TopologySpreadConstraint {
  return { ...rest, maxSkew, labelSelector: labelSelector ?? group }
}
