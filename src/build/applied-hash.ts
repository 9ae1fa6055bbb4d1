/** Annotates an object with a hash of its desired fields, so that a field that is no longer desired is noticed. */
import type { KubeObject } from '../kube/types.ts'
import { stableHash } from '../lib/stable-hash.ts'

const APPLIED_HASH_ANNOTATION = 'sei.io/applied-hash'

/**
 * Returns the object with the annotation. A live object that still has a field that is no longer desired looks up to date
 * field by field, but its hash differs.
 */
export function withAppliedHash<T extends KubeObject>(object: T): T {
  const { metadata } = object
  const annotations = { ...metadata?.annotations, [APPLIED_HASH_ANNOTATION]: stableHash(object) }
  return { ...object, metadata: { ...metadata, annotations } }
}

/** Whether this operator has applied the object before, with any desired fields. */
export function isApplied(object: Readonly<KubeObject>): boolean {
  return object.metadata?.annotations?.[APPLIED_HASH_ANNOTATION] !== undefined
}

/** Whether `live` was last applied with the fields of `desired`. */
export function isAppliedAs(live: Readonly<KubeObject>, desired: Readonly<KubeObject>): boolean {
  const hash = desired.metadata?.annotations?.[APPLIED_HASH_ANNOTATION]
  return hash !== undefined && live.metadata?.annotations?.[APPLIED_HASH_ANNOTATION] === hash
}
