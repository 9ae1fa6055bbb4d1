/**
 * Compares the desired fields of an object with the live object: `differences`, `isSubset`.
 *
 * Follows the merge rules of server-side apply: lists of the pod and service types match by key and may have entries of
 * others; selectors and all other lists are replaced as a whole. Does not detect fields that were applied before and are no
 * longer desired.
 */
import { canonicalJson } from './canonical-json.ts'
import { parseQuantity } from './quantity.ts'

/** A desired value and the live object's value at the same path. */
export interface Difference {
  /** Such as `spec.containers[name=seid].image`. */
  readonly path: string
  readonly wanted: unknown
  /** Undefined if the live object has none. */
  readonly found: unknown
}

/** Whether an apply of `desired` would leave `live` unchanged. */
export function isSubset(desired: unknown, live: unknown): boolean {
  return differences(desired, live).length === 0
}

/** The values in `desired` that differ in `live`, in the order of `desired`. Undefined and null count as absent. */
export function differences(desired: unknown, live: unknown): readonly Difference[] {
  return differencesAt(desired, live, [])
}

/** Field names from the root; an entry of a list adds one segment that starts with "[". */
export type Path = readonly string[]
type Fields = Readonly<Record<string, unknown>>

/** The key fields of lists that are merged by key, by the names of the fields that lead to the list. */
const LIST_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['metadata.ownerReferences', ['uid']],
  ['status.conditions', ['type']],
  ['spec.containers', ['name']],
  ['spec.initContainers', ['name']],
  ['spec.volumes', ['name']],
  ['spec.imagePullSecrets', ['name']],
  ['spec.hostAliases', ['ip']],
  ['spec.topologySpreadConstraints', ['topologyKey', 'whenUnsatisfiable']],
  ['spec.env', ['name']],
  ['sidecar.env', ['name']],
  ['scheduling.topologySpreadConstraints', ['topologyKey', 'whenUnsatisfiable']],
  ['containers.env', ['name']],
  ['containers.volumeMounts', ['mountPath']],
  ['containers.volumeDevices', ['devicePath']],
  ['containers.ports', ['containerPort', 'protocol']],
  ['initContainers.env', ['name']],
  ['initContainers.volumeMounts', ['mountPath']],
  ['initContainers.volumeDevices', ['devicePath']],
  ['initContainers.ports', ['containerPort', 'protocol']],
])

/** Only a Service has ports directly under its spec. */
const SERVICE_PORTS = 'spec.ports'
const SERVICE_PORT_KEYS = ['port', 'protocol']

/** The API server's defaults for absent key fields. */
const KEY_DEFAULTS: ReadonlyMap<string, string> = new Map([['protocol', 'TCP']])

/** Replaced as a whole: an additional entry would select other pods. */
export const ATOMIC_MAPS: ReadonlySet<string> = new Set([
  'selector',
  'labelSelector',
  'nodeSelector',
  'podSelector',
  'namespaceSelector',
])

/** The API server drops empty maps, but not empty objects. */
const MAPS: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'matchLabels',
  'nodeSelector',
  'data',
  'limits',
  'requests',
])

/** Maps whose values are quantities. */
const QUANTITY_MAPS: ReadonlySet<string> = new Set(['limits', 'requests', 'capacity'])

const NONE: readonly Difference[] = []

/** As `differences`, for the parts of two objects at `path`. */
export function differencesAt(desired: unknown, live: unknown, path: Path): readonly Difference[] {
  if (desired === undefined || desired === null) return NONE
  if (Array.isArray(desired)) return listDifferences(desired, live, path)
  if (isFields(desired)) {
    if (!ATOMIC_MAPS.has(path.at(-1) ?? '')) return objectDifferences(desired, live, path)
    return canonicalJson(desired) === canonicalJson(live ?? null) ? NONE : [differs(path, desired, live)]
  }
  const isSame = desired === live || (isQuantity(path) && sameQuantity(desired, live))
  return isSame ? NONE : [differs(path, desired, live)]
}

function objectDifferences(desired: Fields, live: unknown, path: Path): readonly Difference[] {
  const held = isFields(live) ? live : {}
  const found: Difference[] = []
  for (const [field, value] of Object.entries(desired)) {
    found.push(...differencesAt(value, Object.hasOwn(held, field) ? held[field] : undefined, [...path, field]))
  }
  if (found.length > 0 || isFields(live) || MAPS.has(path.at(-1) ?? '')) return found
  return [differs(path, desired, live)]
}

function listDifferences(desired: readonly unknown[], found: unknown, path: Path): readonly Difference[] {
  const live: readonly unknown[] = Array.isArray(found) ? found : []
  const keys = listKeys(path)
  if (keys) return keyedDifferences(desired, live, path, keys)
  if (fields(path).join('.') === 'metadata.finalizers') {
    const missing = desired.filter(finalizer => !live.includes(finalizer))
    return missing.map(finalizer => differs([...path, `[${JSON.stringify(finalizer)}]`], finalizer, undefined))
  }
  if (desired.length !== live.length) return [differs(path, desired, found)]
  return desired.flatMap((item, index) => differencesAt(item, live[index], [...path, `[${index}]`]))
}

function keyedDifferences(
  desired: readonly unknown[],
  live: readonly unknown[],
  path: Path,
  keys: readonly string[],
): readonly Difference[] {
  return desired.flatMap(item => {
    const same = live.find(other => keys.every(key => keyText(item, key) === keyText(other, key)))
    const entry = [...path, `[${keys.map(key => `${key}=${keyText(item, key)}`).join(',')}]`]
    return same === undefined ? [differs(entry, item, undefined)] : differencesAt(item, same, entry)
  })
}

function differs(path: Path, wanted: unknown, found: unknown): Difference {
  return { path: path.join('.').replaceAll('.[', '['), wanted, found }
}

/** The value of a key field of a list's entry. */
export function keyText(item: unknown, key: string): string {
  const value = isFields(item) ? (item[key] ?? KEY_DEFAULTS.get(key)) : item
  return isScalar(value) ? String(value) : canonicalJson(value ?? null)
}

/** The key fields of the list at `path`; undefined for a list that is replaced as a whole. */
export function listKeys(path: Path): readonly string[] | undefined {
  const names = fields(path)
  if (names.join('.') === SERVICE_PORTS) return SERVICE_PORT_KEYS
  return LIST_KEYS.get(names.slice(-2).join('.'))
}

function isQuantity(path: Path): boolean {
  return path.at(-1) === 'sizeLimit' || QUANTITY_MAPS.has(path.at(-2) ?? '')
}

function sameQuantity(desired: unknown, live: unknown): boolean {
  if (!isScalar(desired) || !isScalar(live)) return false
  const amount = parseQuantity(desired)
  return amount !== undefined && amount === parseQuantity(live)
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fields(path: Path): readonly string[] {
  return path.filter(segment => !segment.startsWith('['))
}
