/** Scheduling of node pods and Job pods: their cluster nodes, and protection from disruption. */
import type { PodSpec } from 'kubernetes-types/core/v1.d.ts'
import type { PlatformConfig } from './platform.ts'

/** Annotations of every pod: Karpenter must not consolidate a cluster node during a restore or a ceremony. */
export function podAnnotations(): Record<string, string> {
  return { 'karpenter.sh/do-not-disrupt': 'true' }
}

/** Requires the platform's Karpenter NodePool, and tolerates its taint. */
export function scheduling(platform: PlatformConfig): Required<Pick<PodSpec, 'affinity' | 'tolerations'>> {
  const inNodePool = { key: 'karpenter.sh/nodepool', operator: 'In', values: [platform.nodepoolName] }
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [inNodePool] }] },
      },
    },
    tolerations: [
      { key: platform.tolerationKey, operator: 'Equal', value: platform.tolerationValue, effect: 'NoSchedule' },
    ],
  }
}
