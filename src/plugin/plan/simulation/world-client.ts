/** The API client of a simulated operator: `worldClient` reads and changes a `World`, and sends nothing. */
import { applyFields } from './apply-fields.ts'
import type { KubeClient, ListOptions } from '../../../kube/client.ts'
import { ApiError } from '../../../kube/errors.ts'
import { pods } from '../../../kube/resources.ts'
import type { KubeObject, ObjectKey, Resource } from '../../../kube/types.ts'
import { isRecord } from '../../../sidecar/task-result.ts'
import type { World } from './world.ts'

export function worldClient(world: World): KubeClient {
  const standing = <T extends KubeObject>(resource: Resource<T>, key: ObjectKey, operation: string): T =>
    world.get(resource, key) ?? refuse(resource, key, operation, 404, 'NotFound')
  return {
    get: async (resource, key) => world.get(resource, key),
    list: async <T extends KubeObject>(resource: Resource<T>, options: ListOptions<T> = {}) => {
      const items = world.list(resource, labelsOf(options.labelSelector))
      const { namespace } = options
      return {
        items: items.filter(({ metadata }) => namespace === undefined || metadata?.namespace === namespace),
        resourceVersion: String(world.version),
      }
    },
    watch: resource => {
      throw new Error(`a simulated operator watches no ${resource.plural}`)
    },
    create: async (resource, object) => {
      const { namespace = '', name = '' } = object.metadata ?? {}
      const key = { namespace, name }
      if (world.get(resource, key)) refuse(resource, key, 'create', 409, 'AlreadyExists')
      return world.put(resource, object)
    },
    replace: async (resource, object, { subresource } = {}) => {
      if (subresource === undefined) return world.put(resource, object)
      const { namespace = '', name = '' } = object.metadata ?? {}
      const status = 'status' in object ? object.status : undefined
      return world.put(resource, { ...standing(resource, { namespace, name }, 'update'), status })
    },
    apply: async <T extends KubeObject>(
      resource: Resource<T>,
      object: T,
      { fieldManager, createOnly = false, dryRun = false }: Parameters<KubeClient['apply']>[2],
    ) => {
      const { namespace = '', name = '' } = object.metadata ?? {}
      const key = { namespace, name }
      const live = world.get(resource, key)
      if (live && createOnly) refuse(resource, key, 'apply', 409, 'AlreadyExists')
      const { uid: _, resourceVersion: __, ...metadata } = object.metadata ?? {}
      const merged: T = JSON.parse(JSON.stringify(applyFields(live, { ...object, metadata }, fieldManager)))
      return dryRun ? merged : world.put(resource, merged)
    },
    patch: async (resource, key, body, { type }) => {
      const live = standing(resource, key, 'patch')
      const found: unknown = type === 'json' ? jsonPatched(live, body) : mergePatched(live, body)
      const patched: typeof live = JSON.parse(JSON.stringify(found))
      return world.put(resource, patched)
    },
    delete: async (resource, key, { uid }) => {
      const live = world.get(resource, key)
      if (!live || live.metadata?.uid !== uid) return false
      world.remove(resource, live)
      return true
    },
    log: async pod => refuse(pods, pod, 'log', 404, 'NotFound'),
  }
}

function refuse(resource: Resource, key: ObjectKey, operation: string, status: number, reason: string): never {
  const object = `${resource.plural} ${key.namespace ?? ''}/${key.name}`
  throw new ApiError({ operation, object }, status, { reason, message: reason, details: { name: key.name } })
}

function labelsOf(selector: string | undefined): Readonly<Record<string, string>> {
  const pairs = (selector ?? '').split(',').filter(Boolean)
  return Object.fromEntries(pairs.map(pair => pair.split('=', 2)))
}

/** RFC 7396. Fields of the server's own stay as they are. */
function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const held = isRecord(target) ? target : {}
  const changed = Object.entries(patch).map(([name, value]) => [name, mergePatched(held[name], value)] as const)
  return Object.fromEntries(Object.entries({ ...held, ...Object.fromEntries(changed) }).filter(([, v]) => v !== null))
}

/** Only the operations that the operator sends: `test`, and `replace` of the managed fields. */
function jsonPatched(target: KubeObject, patch: unknown): unknown {
  const steps: readonly unknown[] = Array.isArray(patch) ? patch : []
  const step = steps.find(each => isRecord(each) && each['op'] === 'replace')
  const value = isRecord(step) && step['path'] === '/metadata/managedFields' ? step['value'] : undefined
  return { ...target, metadata: { ...target.metadata, ...(value === undefined ? {} : { managedFields: value }) } }
}
