/** Finds the node or pool that a person names: `findTarget`; names that are near: `nearNames`. */
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import type { KubeClient } from '../../kube/client.ts'
import { EXIT_CODES, PluginError } from '../exit-code.ts'

export type Target =
  | { readonly kind: 'node'; readonly object: SeiNode }
  | { readonly kind: 'pool'; readonly object: SeiNodePool }

export type TargetKind = Target['kind']

const PREFIXES: Readonly<Record<string, TargetKind>> = {
  node: 'node',
  seinode: 'node',
  seinodes: 'node',
  snode: 'node',
  pool: 'pool',
  seinodepool: 'pool',
  seinodepools: 'pool',
  snp: 'pool',
}

/** `node/NAME`, `pool/NAME`, or a NAME of either kind. Throws a PluginError for another prefix. */
export function parseReference(text: string): { readonly kind: TargetKind | undefined; readonly name: string } {
  const [prefix = '', name, ...more] = text.toLowerCase().split('/')
  if (name === undefined) return { kind: undefined, name: prefix }
  const kind = PREFIXES[prefix]
  if (kind === undefined || name === '' || more.length > 0)
    throw new PluginError(`${text}: expected NAME, node/NAME or pool/NAME`, EXIT_CODES.usage)
  return { kind, name }
}

/** Throws a PluginError where there is no such object, or one of each kind. */
export async function findTarget(
  client: Pick<KubeClient, 'get' | 'list'>,
  namespace: string,
  reference: string,
): Promise<Target> {
  const { kind, name } = parseReference(reference)
  const key = { namespace, name }
  const [node, pool] = await Promise.all([
    kind === 'pool' ? undefined : client.get(seiNodes, key),
    kind === 'node' ? undefined : client.get(seiNodePools, key),
  ])
  if (node && pool)
    throw new PluginError(`${name} is a SeiNode and a SeiNodePool: say node/${name} or pool/${name}`, EXIT_CODES.usage)
  if (node) return { kind: 'node', object: node }
  if (pool) return { kind: 'pool', object: pool }
  throw await notFound(client, namespace, kind, name)
}

async function notFound(
  client: Pick<KubeClient, 'list'>,
  namespace: string,
  kind: TargetKind | undefined,
  name: string,
): Promise<PluginError> {
  const [nodes, pools] = await Promise.all([
    kind === 'pool' ? undefined : client.list(seiNodes, { namespace }),
    kind === 'node' ? undefined : client.list(seiNodePools, { namespace }),
  ])
  const names = [...(nodes?.items ?? []), ...(pools?.items ?? [])].map(({ metadata }) => metadata.name)
  const what = { node: 'SeiNode', pool: 'SeiNodePool', either: 'SeiNode or SeiNodePool' }[kind ?? 'either']
  const near = nearNames(name, names)
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : names.length === 0
        ? 'the namespace has none: choose another with -n'
        : 'kubectl sei status lists what there is'
  return new PluginError(`there is no ${what} ${name} in namespace ${namespace}: ${hint}`)
}

const MAX_NEAR = 3

/** Those that differ from `name` by few letters, or contain it, nearest first. */
export function nearNames(name: string, names: readonly string[]): readonly string[] {
  const limit = Math.max(2, Math.floor(name.length / 3))
  return [...new Set(names)]
    .map(each => ({ each, distance: each.includes(name) || name.includes(each) ? 1 : distanceOf(name, each) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance || a.each.localeCompare(b.each))
    .slice(0, MAX_NEAR)
    .map(({ each }) => each)
}

/** Letters that have to be inserted, removed or replaced (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
