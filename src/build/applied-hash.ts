/** Marks an object with a hash of all that is wanted of it, so that what is wanted no more is noticed too. */
import type { KubeObject } from '../kube/types.ts'
import { stableHash } from '../lib/stable-hash.ts'

const APPLIED_HASH_ANNOTATION = 'sei.io/applied-hash'

/**
 * The object with the annotation added. A live object that still holds a field that was applied once and is wanted no more
 * passes for up to date in every field; its hash differs.
 */
export function withAppliedHash<T extends KubeObject>(object: T): T {
  const { metadata } = object
  const annotations = { ...metadata?.annotations, [APPLIED_HASH_ANNOTATION]: stableHash(object) }
  return { ...object, metadata: { ...metadata, annotations } }
}

/** Whether this operator has applied the object before: it carries a hash, whatever the hash says. */
export function isApplied(object: Readonly<KubeObject>): boolean {
  return object.metadata?.annotations?.[APPLIED_HASH_ANNOTATION] !== undefined
}

/** Whether what was wanted of `live` when it was last applied is what `desired` wants. */
export function isAppliedAs(live: Readonly<KubeObject>, desired: Readonly<KubeObject>): boolean {
  const hash = desired.metadata?.annotations?.[APPLIED_HASH_ANNOTATION]
  return hash !== undefined && live.metadata?.annotations?.[APPLIED_HASH_ANNOTATION] === hash
}
