/** Whether a StatefulSet's pod is of the template that it has now, and when that may have changed: `runsTemplate`, `rolloutChanged`. Pure. */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { specOrMetadataChanged } from '../../runtime/predicates.ts'
import type { Change } from '../../runtime/store.ts'
import { isTerminating } from './deletion.ts'

const REVISION_LABEL = 'controller-revision-hash'

/** False while the controller of StatefulSets has yet to look at the newest template, or to replace the pod. */
export function runsTemplate(statefulSet: Readonly<StatefulSet>, pod: Readonly<Pod>): boolean {
  const { updateRevision } = statefulSet.status ?? {}
  // Its status speaks of an older template until the controller has seen this one.
  if (!isObserved(statefulSet) || updateRevision === undefined || isTerminating(pod)) return false
  return isOfTemplate(statefulSet, pod)
}

/** Whether the pod was made of the template that the controller of StatefulSets saw last, even if it is about to go. */
export function isOfTemplate({ status }: Readonly<StatefulSet>, pod: Readonly<Pod>): boolean {
  return pod.metadata?.labels?.[REVISION_LABEL] === status?.updateRevision
}

/** A pod that is made anew is of the newest template, held or not: the last change reached a pod that became ready. */
export function hasRolledOut({ status }: Readonly<StatefulSet>): boolean {
  return status?.currentRevision === status?.updateRevision
}

/** The controller of StatefulSets has acted on it as it is now. */
export function isObserved({ metadata, status }: Readonly<StatefulSet>): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
}

/** A predicate for watches. Its counts of replicas say nothing that the pod does not say. */
export function rolloutChanged(change: Change<StatefulSet>): boolean {
  if (change.type !== 'updated' || specOrMetadataChanged(change)) return true
  const before = change.previous.status
  const after = change.object.status
  return (
    before?.updateRevision !== after?.updateRevision ||
    before?.currentRevision !== after?.currentRevision ||
    before?.observedGeneration !== after?.observedGeneration
  )
}
