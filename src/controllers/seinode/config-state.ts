/** Whether a node's configuration is due, and what of the pod follows from it: `configState`. Pure. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { PlatformConfig } from '../../build/platform.ts'
import type { PodState } from '../../build/pod.ts'
import { snapshotOf } from '../../plan/bootstrap.ts'
import type { AppliedConfig } from '../../plan/task-plan.ts'
import { isOpen, podConfigHash, removedKeys, resetsStateSync } from '../../plan/update-plan.ts'
import { wantedConfig } from '../../plan/wanted-config.ts'
import { seidState } from '../shared/pod-state.ts'

export interface ConfigState {
  readonly wanted: AppliedConfig
  /** The configuration that the spec asks for is not on the volume, or an update is not over. */
  readonly isDue: boolean
  /** Overrides that only a full rewrite of the configuration takes away. */
  readonly removed: readonly string[]
  /**
   * The rewrite erases what state sync was set up with, and the node has yet to sync: state sync is set up anew. A seid that
   * runs may be in the middle of it, and is not disturbed.
   */
  readonly resetsStateSync: boolean
  readonly pod: PodState
}

export function configState(node: SeiNode, pod: Readonly<Pod> | undefined, platform: PlatformConfig): ConfigState {
  const { spec, status } = node
  const { initPlan, appliedConfig, updatePlan } = status ?? {}
  const wanted = wantedConfig(node, platform)
  const isApplied = appliedConfig === undefined || appliedConfig.hash === wanted.hash
  const isDue = initPlan?.phase === 'Complete' && (!isApplied || isOpen(updatePlan))
  const removed = isDue ? removedKeys(status, wanted.overrideKeys) : []
  const isSyncing = snapshotOf(spec) !== undefined && initPlan?.caughtUpAt === undefined
  const seid = seidState(pod)
  const isUnreadable = isOpen(updatePlan) && updatePlan.unreadableFor !== undefined
  const isBegun = isOpen(updatePlan) && resetsStateSync(updatePlan)
  const resets = isDue && (isBegun || ((removed.length > 0 || isUnreadable) && isSyncing && !seid.running))
  return {
    wanted,
    isDue,
    removed,
    resetsStateSync: resets,
    pod: {
      configHash: podConfigHash(status, wanted.hash),
      ...(resets || resetsStateSync(updatePlan) ? { resetsStateSync: true } : {}),
    },
  }
}
