/** The configuration that a node's spec asks for: `wantedConfig` as a config-apply would leave it, `configOverrides` as it is sent; `snapshotHash` of what only a bootstrap reads. Pure. */
import { PEERS_KEY } from '../api/names.ts'
import type { SeiNode, SeiNodeSpec } from '../api/seinode.ts'
import { nodeSettings, type NodeSettings } from '../build/node-settings.ts'
import type { PlatformConfig } from '../build/platform.ts'
import { stableHash } from '../lib/stable-hash.ts'
import { snapshotOf } from './bootstrap.ts'
import { peersOf, staticPeers } from './peers.ts'
import type { AppliedConfig } from './task-plan.ts'

export function wantedConfig(node: SeiNode, platform: PlatformConfig): AppliedConfig {
  const overrideKeys = Object.keys(configOverrides(node, nodeSettings(node, platform)))
  return { hash: specConfigHash(node.spec), overrideKeys }
}

/**
 * Changes exactly when the user changes what config-apply and discover-peers carry. Only what the user wrote counts: an
 * operator that adds settings of its own must not restart every node when it is upgraded.
 */
function specConfigHash(spec: SeiNodeSpec): string {
  const { interval, keepRecent } = spec.snapshotGeneration ?? {}
  return stableHash({ overrides: spec.overrides ?? {}, peers: peersOf(spec), interval, keepRecent })
}

/** Changes when the user names another starting state, which a node that is bootstrapped takes no notice of. */
export function snapshotHash(spec: SeiNodeSpec): string {
  return stableHash(snapshotOf(spec) ?? {})
}

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
