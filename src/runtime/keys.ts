/** The names under which stores and queues know objects: `namespace/name`, or `name` where a kind has no namespace. */
import type { KubeObject } from '../kube/types.ts'

/** The object's key. Throws where the object has no name. */
export function keyOf(object: Readonly<KubeObject>): string {
  const { namespace, name } = object.metadata ?? {}
  if (name === undefined) throw new Error(`key of ${object.kind ?? 'an object'}: expected metadata.name, found none`)
  return namespace === undefined ? name : `${namespace}/${name}`
}
