/** Makes our field manager the owner of what another operator wrote: `takeOverFields`. */
import { FIELD_MANAGER } from '../../../api/names.ts'
import type { KubeClient } from '../../../kube/client.ts'
import type { KubeObject, Resource } from '../../../kube/types.ts'

interface ManagedFields {
  readonly manager?: string
  readonly operation?: string
  readonly apiVersion?: string
  readonly subresource?: string
  readonly fieldsV1?: FieldSet
}

/** A set of fields as server-side apply writes it: names of fields and keys of entries, nested. */
interface FieldSet {
  readonly [key: string]: FieldSet
}

/**
 * Without this, containers, variables and owner references that only the other operator had would stay for ever: an
 * apply removes no fields but its own manager's. The other operator is whoever made `owner` the object's owner; what
 * anyone else wrote (a person, a backup, what binds volumes) stays theirs.
 * @returns the object as it was written; undefined where nothing was to be taken over
 * @throws ApiError (conflict) when the object changed meanwhile
 */
export async function takeOverFields<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  { metadata: { namespace = '', name = '' } = {} }: Readonly<T>,
  owner: KubeObject,
  signal: AbortSignal,
): Promise<T | undefined> {
  const key = { namespace, name }
  // The cache holds no managed fields, or of a claim one entry without the rest of it.
  const live = await client.get(resource, key, { signal })
  const entries = managedFieldsOf(live)
  const makers = new Set(entries.filter(entry => setsOwner(entry, owner)).map(({ manager }) => manager))
  const isTaken = ({ manager, subresource }: ManagedFields): boolean => !subresource && makers.has(manager)
  const others = entries.filter(isTaken)
  if (!live || others.length === 0) return undefined
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
  const ours = {
    manager: FIELD_MANAGER,
    operation: 'Apply',
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: others.reduce<FieldSet>((union, { fieldsV1 = {} }) => merge(union, withoutSpec(resource, fieldsV1)), {}),
  }
  const patch = [
    { op: 'test', path: '/metadata/resourceVersion', value: live.metadata?.resourceVersion },
    { op: 'replace', path: '/metadata/managedFields', value: [...entries.filter(entry => !isTaken(entry)), ours] },
  ]
  return client.patch(resource, key, patch, { type: 'json', signal })
}

// What a claim is made from and bound to is immutable: owned by us and not wanted, it would be an apply that is refused.
function withoutSpec<T extends KubeObject>({ kind }: Resource<T>, fields: FieldSet): FieldSet {
  if (kind !== 'PersistentVolumeClaim') return fields
  const { 'f:spec': _, ...rest } = fields
  return rest
}

function setsOwner({ fieldsV1 }: ManagedFields, { metadata }: KubeObject): boolean {
  return fieldsV1?.['f:metadata']?.['f:ownerReferences']?.[`k:{"uid":"${metadata?.uid}"}`] !== undefined
}

function managedFieldsOf(object: KubeObject | undefined): readonly ManagedFields[] {
  return (object?.metadata?.managedFields ?? []).filter(isManagedFields)
}

function isManagedFields(entry: unknown): entry is ManagedFields {
  return typeof entry === 'object' && entry !== null
}

function merge(a: FieldSet, b: FieldSet): FieldSet {
  const entries = Object.entries(b).map(([key, value]) => [key, merge(a[key] ?? {}, value)] as const)
  return { ...a, ...Object.fromEntries(entries) }
}
