/** Which changes of an object are worth a reconcile: predicates for `Controller.watch`. */
import type { KubeObject, ObjectMeta } from '../kube/types.ts'
import type { Change } from './store.ts'

export type Predicate<T extends KubeObject> = (change: Change<T>) => boolean

/** Parts of the metadata that people and controllers steer an object by. */
const STEERING = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const satisfies (keyof ObjectMeta)[]

/**
 * All but updates that leave spec, labels, annotations, finalizers, owner references and deletion as they were. For the
 * controller's own kind: its status writes then cause no reconcile. Needs a kind whose generation counts spec changes.
 */
export function specOrMetadataChanged(change: Change<KubeObject>): boolean {
  if (change.type !== 'updated') return true
  const before = change.previous.metadata ?? {}
  const after = change.object.metadata ?? {}
  return (
    before.generation !== after.generation ||
    before.deletionTimestamp !== after.deletionTimestamp ||
    STEERING.some(part => JSON.stringify(before[part]) !== JSON.stringify(after[part]))
  )
}
