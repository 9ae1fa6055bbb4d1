/** What differs between two states of one object, field by field: `changedFields`, `withoutOwnFields`. Pure. */
import { SPEC_ANNOTATION, TEMPLATE_ANNOTATION } from '../../api/names.ts'
import type { KubeObject } from '../../kube/types.ts'
import { isEqualJson } from '../../lib/equal-json.ts'
import { keyText, listKeys, type Path } from '../../lib/subset.ts'
import { isRecord } from '../../sidecar/task-result.ts'

/** Where a client-side apply keeps the manifest. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'

export interface FieldChange {
  /** Such as `spec.template.spec.containers[name=seid].image`. */
  readonly path: string
  /** Absent where the field is new. */
  readonly before?: unknown
  /** Absent where the field goes. */
  readonly after?: unknown
}

/** What the API server or the operator writes for itself. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'status',
  'metadata.managedFields',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.uid',
  'metadata.creationTimestamp',
  'metadata.selfLink',
  'metadata.finalizers',
])
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'sei.io/applied-hash',
  SPEC_ANNOTATION,
  TEMPLATE_ANNOTATION,
  LAST_APPLIED_ANNOTATION,
])

/** The object without what the API server or the operator writes for itself. */
export function withoutOwnFields(object: KubeObject): KubeObject {
  const { metadata = {}, ...rest } = object
  const { name, namespace, labels, annotations = {}, ownerReferences } = metadata
  const shown = Object.entries(annotations).filter(([key]) => !OWN_ANNOTATIONS.has(key))
  const kept = {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(shown.length === 0 ? {} : { annotations: Object.fromEntries(shown) }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  }
  return { ...Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'status')), metadata: kept }
}

export function changedFields(before: unknown, after: unknown): readonly FieldChange[] {
  return changesAt(before, after, [])
}

function changesAt(before: unknown, after: unknown, path: Path): readonly FieldChange[] {
  if (isEqualJson(before ?? null, after ?? null) || isOwn(path)) return []
  if (isEntries(before) && isEntries(after)) {
    const keys = listKeys(path)
    if (keys) return entryChanges(before ?? [], after ?? [], keys, path)
    if (Array.isArray(before) && before.length === after?.length)
      return after.flatMap((item, at) => changesAt(before[at], item, [...path, `[${at}]`]))
  }
  const [held, wanted] = [before ?? {}, after ?? {}]
  if (isRecord(held) && isRecord(wanted) && (isRecord(before) || isRecord(after))) {
    const names = new Set([...Object.keys(held), ...Object.keys(wanted)])
    return [...names].flatMap(name => changesAt(held[name], wanted[name], [...path, name]))
  }
  return [changeOf(path, before, after)]
}

function changeOf(path: Path, before: unknown, after: unknown): FieldChange {
  return {
    path: path.join('.').replaceAll('.[', '['),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

function entryChanges(
  before: readonly unknown[],
  after: readonly unknown[],
  keys: readonly string[],
  path: Path,
): readonly FieldChange[] {
  const nameOf = (item: unknown): string => `[${keys.map(key => `${key}=${keyText(item, key)}`).join(',')}]`
  const held = new Map(before.map(item => [nameOf(item), item] as const))
  const wanted = new Map(after.map(item => [nameOf(item), item] as const))
  const names = new Set([...held.keys(), ...wanted.keys()])
  return [...names].flatMap(name => {
    const [was, is] = [held.get(name), wanted.get(name)]
    // An entry that comes or goes is read as a whole.
    if (was === undefined || is === undefined) return [changeOf([...path, name], was, is)]
    return changesAt(was, is, [...path, name])
  })
}

function isEntries(value: unknown): value is readonly unknown[] | undefined {
  return value === undefined || Array.isArray(value)
}

function isOwn(path: Path): boolean {
  const [first, second, third = ''] = path
  if (first === 'metadata' && second === 'annotations' && OWN_ANNOTATIONS.has(third)) return true
  return OWN_FIELDS.has(path.join('.'))
}
