/** Formats a kind and a key as a request path and for messages. */
import type { ObjectKey, Resource } from './types.ts'

export interface PathParts {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** `/apis/apps/v1/namespaces/sei/statefulsets/node-0/status?fieldManager=x`; undefined query values are left out. */
export function resourcePath(resource: Resource, parts: PathParts = {}, query: Query = {}): string {
  const segments = resource.group ? ['apis', resource.group, resource.version] : ['api', resource.version]
  if (resource.namespaced && parts.namespace) segments.push('namespaces', parts.namespace)
  segments.push(resource.plural)
  if (parts.name) segments.push(parts.name)
  if (parts.subresource) segments.push(parts.subresource)
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value))
  const path = `/${segments.map(encodeURIComponent).join('/')}`
  return search.size > 0 ? `${path}?${search.toString()}` : path
}

/** `statefulsets.apps`, or `pods` in the core group: as kubectl and the API server's messages have it. */
export function resourceName(resource: Resource): string {
  return resource.group ? `${resource.plural}.${resource.group}` : resource.plural
}

/** `statefulsets.apps sei/node-0`; without a name: `pods in sei`. */
export function describeObject(resource: Resource, parts: PathParts): string {
  const name = resourceName(resource)
  if (parts.name) return parts.namespace ? `${name} ${parts.namespace}/${parts.name}` : `${name} ${parts.name}`
  return parts.namespace ? `${name} in ${parts.namespace}` : name
}

/** Validates the key: a missing part would address the whole collection. Throws a TypeError that names the missing part. */
export function requireKey(resource: Resource, key: { namespace?: string; name?: string }): ObjectKey {
  if (!key.name) throw new TypeError(`${resourceName(resource)}: metadata.name is missing`)
  if (!resource.namespaced) return { name: key.name }
  if (!key.namespace) throw new TypeError(`${resourceName(resource)} ${key.name}: metadata.namespace is missing`)
  return { namespace: key.namespace, name: key.name }
}
