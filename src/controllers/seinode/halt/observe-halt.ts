/** What a node's pod says of `spec.haltHeight`: `observeHalt`; the height of its volume: `reportedHeight`; whether the pod has to go because of it: `isAtHalt`; why seid may not start: `haltBlock`. Pure. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { HEIGHT_CONTAINER, SEID_CONTAINER } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { isGuarded } from '../../../build/halt-guard.ts'
import { evaluateHalt, type HaltFinding, haltMessage, parseHalted, parseHeight } from '../../../plan/halt.ts'
import { containerStatus, seidState } from '../../shared/pods/pod-state.ts'

export function observeHalt({ spec, status }: Readonly<SeiNode>, pod: Readonly<Pod> | undefined): HaltFinding {
  return evaluateHalt({
    targetHeight: spec.haltHeight,
    reported: pod && reportOf(pod),
    refusedAt: pod && refusedAt(pod),
    // A status from before the bootstrap is about another state.
    storedHeight: status?.initPlan?.phase === 'Complete' ? status.halt?.height : undefined,
  })
}

/**
 * The last block on the volume when the pod was made; undefined where the pod has no guard, or could not tell.
 * @param since milliseconds since the epoch: a report from before then is of an earlier state
 */
export function reportedHeight(pod: Readonly<Pod> | undefined, since: number): number | undefined {
  const report = pod && reportOf(pod)
  if (!pod || !report || report === 'unreadable' || !('height' in report)) return undefined
  const { finishedAt = '' } = containerStatus(pod, HEIGHT_CONTAINER)?.state?.terminated ?? {}
  return Date.parse(finishedAt) >= since ? report.height : undefined
}

/**
 * Whether the pod has ended seid at its height, or seid runs beyond it: the next pod reports where, and its sidecar keeps
 * seid from starting.
 * @param height of the last answer of the pod's seid
 */
export function isAtHalt({ spec }: Readonly<SeiNode>, pod: Readonly<Pod>, height: number | undefined): boolean {
  if (spec.haltHeight === undefined || !isGuarded(pod)) return false
  if ((refusedAt(pod) ?? -1) >= spec.haltHeight) return true
  return seidState(pod).running && height !== undefined && height > spec.haltHeight
}

/** Undefined where it may, and where the pod has yet to be replaced by one that reports. */
export function haltBlock(node: Readonly<SeiNode>, pod: Readonly<Pod> | undefined): string | undefined {
  const halt = observeHalt(node, pod)
  return halt.kind === 'halted' ? haltMessage(halt) : undefined
}

function reportOf(pod: Readonly<Pod>): ReturnType<typeof parseHeight> {
  const { state } = containerStatus(pod, HEIGHT_CONTAINER) ?? {}
  return parseHeight(state?.terminated?.message)
}

function refusedAt(pod: Readonly<Pod>): number | undefined {
  const { state, lastState } = containerStatus(pod, SEID_CONTAINER) ?? {}
  return parseHalted((state?.terminated ?? (state?.running ? undefined : lastState?.terminated))?.message)
}
