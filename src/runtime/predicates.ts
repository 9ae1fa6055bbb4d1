/** Predicates for `Controller.watch`: which changes of an object cause a reconcile. */
import type { KubeObject, ObjectMeta } from '../kube/types.ts'
import type { Change } from './store.ts'

export type Predicate<T extends KubeObject> = (change: Change<T>) => boolean

/** Metadata fields by which users and controllers control an object. */
const STEERING = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const satisfies (keyof ObjectMeta)[]

/**
 * Drops updates that change neither spec, labels, annotations, finalizers, owner references nor deletion. For the controller's
 * own kind, so that its status writes cause no reconcile. Requires a kind whose generation counts spec changes.
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
