/** The writes to the SeiNode itself: `ensureFinalizer`, `removeFinalizer`, `writeStatus`. */
import { API_VERSION, FIELD_MANAGER, NODE_FINALIZER } from '../../api/names.ts'
import { seiNodes } from '../../api/resources.ts'
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { isNotFound } from '../../kube/errors.ts'
import { canonicalJson } from '../../lib/canonical-json.ts'
import type { NodeDependencies } from './dependencies.ts'

/** The node with the finalizer, without which its volume could go while its pod still writes to it. */
export async function ensureFinalizer(
  node: Readonly<SeiNode>,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<SeiNode>> {
  const { finalizers = [] } = node.metadata
  if (finalizers.includes(NODE_FINALIZER)) return node
  return patchFinalizers(node, [...finalizers, NODE_FINALIZER], dependencies, signal)
}

/** A node that is gone needs no more: the cache, which is told of it later, may have it still. */
export async function removeFinalizer(
  node: Readonly<SeiNode>,
  dependencies: NodeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { finalizers = [] } = node.metadata
  const others = finalizers.filter(finalizer => finalizer !== NODE_FINALIZER)
  try {
    await patchFinalizers(node, others, dependencies, signal)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

async function patchFinalizers(
  node: Readonly<SeiNode>,
  finalizers: readonly string[],
  { client, stores }: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<SeiNode>> {
  const { name, namespace = '', uid, resourceVersion } = node.metadata
  const body = { metadata: { uid, resourceVersion, finalizers } }
  const options = { type: 'merge', fieldManager: FIELD_MANAGER, signal } as const
  const written = await client.patch(seiNodes, { namespace, name }, body, options)
  stores.nodes.observeWrite(written)
  return written
}

/**
 * The node with `status`; nothing is written where it has that status already.
 * @throws ApiError (conflict) when the node changed since it was read
 */
export async function writeStatus(
  node: Readonly<SeiNode>,
  status: SeiNodeStatus,
  { client, stores }: NodeDependencies,
  signal: AbortSignal,
): Promise<Readonly<SeiNode>> {
  if (canonicalJson(status) === canonicalJson(node.status ?? {})) return node
  const object: SeiNode = { ...node, apiVersion: API_VERSION, kind: 'SeiNode', status }
  const written = await client.replace(seiNodes, object, {
    fieldManager: FIELD_MANAGER,
    subresource: 'status',
    signal,
  })
  stores.nodes.observeWrite(written)
  return written
}
