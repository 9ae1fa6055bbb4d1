/** Lists a kind page by page, and restarts when the continue token expires: `listAll`. */
import type { ListOptions } from './client.ts'
import { isGone, TransportError } from './errors.ts'
import { resourcePath } from './resource-path.ts'
import type { Transport } from './transport.ts'
import type { KubeObject, ObjectList, Resource } from './types.ts'

/** Page sizes. If a page exceeds the size limit, the next one is used: no object exceeds 2 MiB in etcd. */
const PAGE_SIZES = [500, 50, 5]
/** A restart is needed if reading all pages takes longer than the server keeps a snapshot, five minutes by default. */
const MAX_RESTARTS = 3

interface Page<T> {
  readonly apiVersion?: string
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly T[] | null
}

/** All objects that match, in one consistent snapshot. Rejects as `Transport.json` does. */
export async function listAll<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  options: ListOptions<T>,
): Promise<ObjectList<T>> {
  const sizes = [...PAGE_SIZES]
  for (let restarts = 0; ;) {
    try {
      return await listPages(transport, resource, options, sizes[0])
    } catch (error) {
      if (isTooLarge(error) && sizes.length > 1) sizes.shift()
      else if (!isGone(error) || restarts++ === MAX_RESTARTS) throw error
    }
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof TransportError && error.kind === 'too-large'
}

async function listPages<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  options: ListOptions<T>,
  limit: number | undefined,
): Promise<ObjectList<T>> {
  const { namespace, labelSelector, fieldSelector, signal, map } = options
  const items: T[] = []
  let from: string | undefined
  for (;;) {
    const query = { labelSelector, fieldSelector, limit, continue: from }
    const path = resourcePath(resource, { namespace }, query)
    const page = await transport.json<Page<T>>({ verb: 'list', resource, namespace, path, signal })
    for (const item of page.items ?? []) {
      // Lists of built-in kinds omit both in their items; watch events have them.
      item.apiVersion ??= resource.group ? `${resource.group}/${resource.version}` : resource.version
      item.kind ??= resource.kind
      items.push(map ? map(item) : item)
    }
    from = page.metadata?.continue
    if (!from) return { items, resourceVersion: page.metadata?.resourceVersion ?? '' }
  }
}
