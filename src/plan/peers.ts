/** Where a node finds its peers: `peersOf`, `staticPeers`, `discoversPeers`. Pure. */
import { PEERS_KEY } from '../api/names.ts'
import type { SeiNodeSpec } from '../api/seinode.ts'
import type { Peer } from '../api/shared.ts'

/** The peers that the node gets, its own or its replayer's. */
export function peersOf(spec: SeiNodeSpec): readonly Peer[] {
  return (spec.replayer ? spec.replayer.peers : spec.peers) ?? []
}

/** Addresses `nodeId@host:port` that the spec names outright, in order, without repeats. */
export function staticPeers(spec: SeiNodeSpec): readonly string[] {
  return [...new Set(peersOf(spec).flatMap(peer => peer.static?.addresses ?? []))]
}

/** Whether the sidecar is to look for peers: not where the user's own override says which they are. */
export function discoversPeers(spec: SeiNodeSpec): boolean {
  return peersOf(spec).length > 0 && spec.overrides?.[PEERS_KEY] === undefined
}
