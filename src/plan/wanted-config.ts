/** The desired configuration of a node: `wantedConfig` is the result of a config-apply, `configOverrides` its parameters, `snapshotHash` covers what only a bootstrap reads. Pure. */
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
 * Changes exactly when the user changes something that config-apply or discover-peers sends. Settings that the operator
 * adds do not count: an upgrade of the operator must not restart every node.
 */
function specConfigHash(spec: SeiNodeSpec): string {
  const { interval, keepRecent } = spec.snapshotGeneration ?? {}
  return stableHash({ overrides: spec.overrides ?? {}, peers: peersOf(spec), interval, keepRecent })
}

/** Changes when the user names another starting state, which has no effect on a bootstrapped node. */
export function snapshotHash(spec: SeiNodeSpec): string {
  return stableHash(snapshotOf(spec) ?? {})
}

/** Keys and values as in sei-config; every value is a string. The user's `spec.overrides` take precedence. */
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

// By default validators (sidecars before v0.0.24) and seeds (before v0.0.64) listen on loopback, where no peer reaches them.
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
    // The defaults of an archive node keep everything.
    ...(mode === 'archive' ? {} : { 'storage.pruning': 'nothing' }),
    'storage.snapshot_interval': String(generation.interval),
    'storage.snapshot_keep_recent': String(generation.keepRecent),
  }
}
