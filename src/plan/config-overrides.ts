/** The overrides that a node's config-apply carries: what must survive a full rewrite of its config files. */
import { PEERS_KEY } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import type { NodeSettings } from '../build/node-settings.ts'
import { staticPeers } from './peers.ts'

/** Keys and values are sei-config's; every value is a string. The user's own `spec.overrides` win. */
export function configOverrides(node: SeiNode, settings: NodeSettings): Readonly<Record<string, string>> {
  const peers = staticPeers(node.spec)
  return {
    // A full config-apply resets the moniker to the container's host name.
    'chain.moniker': settings.name,
    ...(peers.length > 0 ? { [PEERS_KEY]: peers.join(',') } : {}),
    ...listenAddresses(settings),
    ...snapshotStorage(node, settings),
    ...node.spec.overrides,
  }
}

// Validators (sidecars before v0.0.24) and seeds (before v0.0.64) are bound to loopback by default: no peer could reach them.
function listenAddresses({ mode }: NodeSettings): Record<string, string> {
  if (mode !== 'validator' && mode !== 'seed') return {}
  return {
    'network.p2p.listen_address': 'tcp://0.0.0.0:26656',
    'network.rpc.listen_address': 'tcp://0.0.0.0:26657',
  }
}

function snapshotStorage(node: SeiNode, { mode }: NodeSettings): Record<string, string> {
  const generation = node.spec.snapshotGeneration
  if (!generation) return {}
  return {
    // An archive node keeps everything already.
    ...(mode === 'archive' ? {} : { 'storage.pruning': 'nothing' }),
    'storage.snapshot_interval': String(generation.interval),
    'storage.snapshot_keep_recent': String(generation.keepRecent),
  }
}
