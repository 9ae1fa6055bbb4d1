/** What the operator does where the sidecar has no discover-peers, as those from v0.0.57 on: `refusedDiscovery`. */
import { PEERS_KEY } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import { nodeSettings } from '../../../build/node-settings.ts'
import { peersOf } from '../../../plan/peers.ts'
import type { TaskResult } from '../../../sidecar/client.ts'
import type { NodeDependencies } from '../dependencies.ts'
import type { Refusal } from './plan-runner.ts'

/**
 * Peers that the spec names outright have reached the node with config-apply. For all others the operator looks up the
 * peers, and a config-apply that changes nothing else takes them to the node.
 * @param message the sidecar's
 */
export async function refusedDiscovery(
  node: Readonly<SeiNode>,
  message: string,
  { peers, platform }: Pick<NodeDependencies, 'peers' | 'platform'>,
  signal: AbortSignal,
): Promise<Refusal> {
  const sources = peersOf(node.spec)
  if (node.spec.overrides?.[PEERS_KEY] !== undefined) {
    return {
      kind: 'completed',
      note: 'the sidecar does not support the task discover-peers; config-apply set the peers of spec.overrides',
    }
  }
  if (sources.every(peer => peer.static)) {
    return {
      kind: 'completed',
      note: 'the sidecar does not support the task discover-peers; config-apply set the static peers',
    }
  }
  const resolution = await peers.resolve(sources, signal)
  switch (resolution.kind) {
    case 'resolved': {
      const { mode } = nodeSettings(node, platform)
      const overrides = { [PEERS_KEY]: resolution.addresses.join(',') }
      return {
        kind: 'instead',
        body: { type: 'config-apply', params: { mode, incremental: true, targetVersion: 0, overrides } },
      }
    }
    case 'failed':
      return { kind: 'rejected', error: `${message}, so the operator looked for the peers itself: ${resolution.error}` }
    case 'wait':
      return { kind: 'unresolved', message: resolution.message }
  }
}

/** How peers reached the node that the sidecar did not discover. */
export function discoveryNote({ params }: Pick<TaskResult, 'params'>): string {
  const { overrides } = (params ?? {}) as { readonly overrides?: Readonly<Record<string, unknown>> }
  const value = overrides?.[PEERS_KEY]
  const count = typeof value === 'string' ? value.split(',').length : undefined
  const peers = count === 1 ? 'the one peer' : `${count ?? 'the'} peers`
  return `the sidecar does not support the task discover-peers; the operator looked up ${peers}, which config-apply set`
}
