/** How an object that was read is addressed again: `objectKey`. */
import type { KubeObject, ObjectKey } from '../../../src/kube/types.ts'

export function objectKey(object: KubeObject): ObjectKey {
  const { namespace, name = '' } = object.metadata ?? {}
  return namespace === undefined ? { name } : { namespace, name }
}
