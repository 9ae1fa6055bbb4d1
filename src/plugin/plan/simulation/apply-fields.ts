/** Server-side apply of plain objects: `applyFields`, which also removes the fields that the manager no longer wants. Pure. */
import { ATOMIC_MAPS, differencesAt, keyText, listKeys, type Path } from '../../../lib/subset.ts'
import { isRecord } from '../../../sidecar/task-result.ts'

type Fields = Readonly<Record<string, unknown>>

/** A set of fields as the API server writes it: `f:NAME` of a field, `k:{...}` of a list's entry, `v:VALUE` of a set's. */
interface FieldSet {
  readonly [key: string]: FieldSet
}

interface Managed {
  readonly manager?: unknown
  readonly operation?: unknown
  readonly subresource?: unknown
  readonly fieldsV1?: FieldSet
}

/** What `live` is after `manager` applied `desired`. The API server's defaults of new fields are missing. */
export function applyFields(live: unknown, desired: object, manager: string): Fields {
  const entries = managedFieldsOf(live)
  const isOurs = (entry: Managed): boolean =>
    entry.manager === manager && entry.operation === 'Apply' && entry.subresource === undefined
  const others = entries.filter(entry => !isOurs(entry))
  const owned = entries.find(isOurs)?.fieldsV1 ?? {}
  const kept = pruned(
    live,
    desired,
    owned,
    others.map(({ fieldsV1 = {} }) => fieldsV1),
  )
  const merged = overlaid(kept, desired, [])
  const fields = isRecord(merged) ? merged : {}
  const metadata = isRecord(fields['metadata']) ? fields['metadata'] : {}
  const ours = { manager, operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1: fieldSetOf(desired, []) }
  return { ...fields, metadata: { ...metadata, managedFields: [...others, ours] } }
}

function managedFieldsOf(object: unknown): readonly Managed[] {
  const metadata = isRecord(object) ? object['metadata'] : undefined
  const entries = isRecord(metadata) ? metadata['managedFields'] : undefined
  return Array.isArray(entries) ? entries.filter((entry): entry is Managed => isRecord(entry)) : []
}

/** `live` without what is in `owned`, in no set of `others`, and not in `desired`. */
function pruned(live: unknown, desired: unknown, owned: FieldSet, others: readonly FieldSet[]): unknown {
  const below = (key: string): readonly FieldSet[] => others.flatMap(set => set[key] ?? [])
  const keep = (key: string, value: unknown, wanted: unknown): readonly unknown[] => {
    const set = owned[key]
    if (!set) return [value]
    const isWhole = Object.keys(set).length === 0 || '.' in set
    if (wanted === undefined && isWhole && below(key).length === 0) return []
    const rest = pruned(value, wanted, set, below(key))
    // A parent is there for its fields.
    const isEmptied = wanted === undefined && isRecord(rest) && Object.keys(rest).length === 0
    return isEmptied ? [] : [rest]
  }
  if (Array.isArray(live)) {
    const keys = Object.keys(owned).filter(key => /^[kv]:/.test(key))
    const wantedList: readonly unknown[] = Array.isArray(desired) ? desired : []
    return live.flatMap((item: unknown) => {
      const key = keys.find(each => isEntry(item, each))
      if (key === undefined) return [item]
      return keep(
        key,
        item,
        wantedList.find(each => isEntry(each, key)),
      )
    })
  }
  if (!isRecord(live)) return live
  const wanted = isRecord(desired) ? desired : {}
  return Object.fromEntries(
    Object.entries(live).flatMap(([name, value]) =>
      keep(`f:${name}`, value, wanted[name]).map(kept => [name, kept] as const),
    ),
  )
}

/** @param key `k:{"name":"seid"}` or `v:"text"` */
function isEntry(item: unknown, key: string): boolean {
  const value: unknown = JSON.parse(key.slice(2))
  if (!isRecord(value)) return item === value
  return Object.keys(value).every(name => keyText(item, name) === keyText(value, name))
}

function overlaid(live: unknown, desired: unknown, path: Path): unknown {
  // Also where the API server writes it in another way, or adds defaults to it.
  if (live !== undefined && differencesAt(desired, live, path).length === 0) return live
  if (Array.isArray(desired)) return overlaidList(Array.isArray(live) ? live : [], desired, path)
  if (!isRecord(desired)) return desired
  const isMerged = isRecord(live) && !ATOMIC_MAPS.has(path.at(-1) ?? '')
  const held = isMerged ? live : {}
  const wanted = Object.entries(desired).filter(([, value]) => value !== undefined && value !== null)
  return {
    ...held,
    ...Object.fromEntries(wanted.map(([name, value]) => [name, overlaid(held[name], value, [...path, name])])),
  }
}

function overlaidList(live: readonly unknown[], desired: readonly unknown[], path: Path): unknown {
  if (path.join('.') === 'metadata.finalizers') return [...new Set([...live, ...desired])]
  const keys = listKeys(path)
  if (!keys) {
    if (live.length !== desired.length) return desired
    return desired.map((item, at) => overlaid(live[at], item, [...path, `[${at}]`]))
  }
  const isSame = (a: unknown, b: unknown): boolean => keys.every(key => keyText(a, key) === keyText(b, key))
  const changed = live.map(item => {
    const wanted = desired.find(each => isSame(each, item))
    return wanted === undefined ? item : overlaid(item, wanted, [...path, '[]'])
  })
  return [...changed, ...desired.filter(item => !live.some(each => isSame(each, item)))]
}

function fieldSetOf(desired: unknown, path: Path): FieldSet {
  if (Array.isArray(desired)) {
    const keys = listKeys(path)
    if (!keys) return {}
    return Object.fromEntries(
      desired.map((item: unknown) => {
        const fields = isRecord(item) ? item : {}
        const key = Object.fromEntries(keys.map(name => [name, fields[name] ?? keyText(item, name)]))
        return [`k:${JSON.stringify(key)}`, { '.': {}, ...fieldSetOf(item, [...path, '[]']) }]
      }),
    )
  }
  if (!isRecord(desired) || ATOMIC_MAPS.has(path.at(-1) ?? '')) return {}
  return Object.fromEntries(
    Object.entries(desired)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [`f:${name}`, fieldSetOf(value, [...path, name])]),
  )
}
