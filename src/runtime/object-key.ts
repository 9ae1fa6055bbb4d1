/** The keys of objects in stores and queues: `namespace/name`, or `name` for cluster-scoped kinds. */
import type { KubeObject } from '../kube/types.ts'

/** The object's key. Throws if the object has no name. */
export function keyOf(object: Readonly<KubeObject>): string {
  const { namespace, name } = object.metadata ?? {}
  if (name === undefined) throw new Error(`key of ${object.kind ?? 'an object'}: expected metadata.name, found none`)
  return namespace === undefined ? name : `${namespace}/${name}`
}
