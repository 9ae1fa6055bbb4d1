/** Owner references, by which the garbage collector deletes an object with its owner: `ownerReference`. */
import { API_VERSION } from '../api/names.ts'
import type { KubeObject, OwnerReference } from '../kube/types.ts'

/**
 * A controller reference to `owner`, a SeiNode or SeiNodePool.
 * @throws TypeError where the owner was never stored, and so has no UID
 */
export function ownerReference(kind: 'SeiNode' | 'SeiNodePool', owner: KubeObject): OwnerReference {
  const { name, uid } = owner.metadata ?? {}
  if (!name || !uid) throw new TypeError(`owner reference: expected a stored ${kind}, found name ${name}, uid ${uid}`)
  return { apiVersion: API_VERSION, kind, name, uid, controller: true, blockOwnerDeletion: true }
}
