/** Deletion: `isTerminating`, `deleteObject` with a UID precondition, and the status while an object is being deleted: `terminatingStatus`. */
import type { KubeClient } from '../../kube/client.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import type { StatusCondition, Condition } from '../../lib/conditions.ts'
import { isOwn, type Owner } from './children/ownership.ts'
import { mergedConditions } from './conditions.ts'

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

interface Deletable<Status> {
  readonly metadata: { readonly generation?: number }
  readonly status?: Status
}

/**
 * The object's last status with the phase Terminating and these conditions; all else of it stays to be read.
 * @param now epoch milliseconds
 */
export function terminatingStatus<Status extends { readonly conditions?: readonly StatusCondition[] }>(
  { metadata: { generation }, status }: Deletable<Status>,
  conditions: readonly Condition[],
  now: number,
) {
  return {
    ...status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: 'Terminating' as const,
    conditions: mergedConditions(status?.conditions, conditions, generation, new Date(now).toISOString()),
  }
}
