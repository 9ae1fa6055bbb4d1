/** The persistent peers of each validator of a pool: `poolPeers`. Pure. */
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { peerAddress, poolNames } from '../../build/pool/names.ts'

/**
 * All other validators, by the DNS names of their headless Services, because the IP address of a pod changes.
 * @param nodeIDs by node, from 0 on
 * @returns for each node, `NODEID@HOST:PORT` joined by commas
 */
export function poolPeers(pool: SeiNodePool, nodeIDs: readonly string[], clusterDomain: string): readonly string[] {
  const { namespace = '' } = pool.metadata
  const { nodes } = poolNames(pool)
  const addresses = nodes.map(({ node, index }) => `${nodeIDs[index]}@${peerAddress(node, namespace, clusterDomain)}`)
  return nodes.map(({ index }) => addresses.filter((_, other) => other !== index).join(','))
}
