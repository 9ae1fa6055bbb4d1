/** Objects that go: `isTerminating`, and `deleteObject`, which deletes the very object that was looked at. */
import type { KubeClient } from '../../kube/client.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import { isOwn, type Owner } from './ownership.ts'

export function isTerminating(object: Readonly<KubeObject>): boolean {
  return object.metadata?.deletionTimestamp !== undefined
}

/**
 * Never a later object of the same name.
 * @param propagationPolicy `Foreground`: it goes after what it owns
 */
export async function deleteObject<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  { metadata: { name = '', namespace = '', uid = '' } = {} }: Readonly<T>,
  signal: AbortSignal,
  propagationPolicy: 'Background' | 'Foreground' = 'Background',
): Promise<boolean> {
  return client.delete(resource, { namespace, name }, { uid, propagationPolicy, signal })
}

/** Does nothing where there is no such object, where it goes already, and where it is someone else's. */
export async function deleteOwn<T extends KubeObject>(
  client: KubeClient,
  owner: Owner,
  resource: Resource<T>,
  object: Readonly<T> | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!object || isTerminating(object) || !isOwn(object, owner)) return
  await deleteObject(client, resource, object, signal)
}
