/** Where a node finds its peers: `peersOf`, `staticPeers`, `discoversPeers`. Pure. */
import { PEERS_KEY } from '../api/names.ts'
import type { SeiNodeSpec } from '../api/seinode.ts'
import type { Peer } from '../api/shared.ts'

/** The peers in the node's spec, or in its replayer's. */
export function peersOf(spec: SeiNodeSpec): readonly Peer[] {
  return (spec.replayer ? spec.replayer.peers : spec.peers) ?? []
}

/** The addresses `nodeId@host:port` in the spec, in order, without duplicates. */
export function staticPeers(spec: SeiNodeSpec): readonly string[] {
  return [...new Set(peersOf(spec).flatMap(peer => peer.static?.addresses ?? []))]
}

/** Whether the sidecar discovers peers. It does not where the user sets them by an override. */
export function discoversPeers(spec: SeiNodeSpec): boolean {
  return peersOf(spec).length > 0 && spec.overrides?.[PEERS_KEY] === undefined
}
