/** Names of a pool's objects: the same as those of earlier operators, so that their objects are adopted: `poolNames`. */
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { SEID_PORTS } from '../../api/names.ts'

export interface PoolNames {
  readonly genesisVolume: string
  readonly genesisJob: string
  /** Name of the NetworkPolicy and the PodDisruptionBudget. */
  readonly policy: string
  /** Names of the nodes, from 0 on. The lists below have the same order. */
  readonly nodes: readonly NodeNames[]
}

export interface NodeNames {
  readonly index: number
  readonly node: string
  readonly dataVolume: string
  readonly prepJob: string
}

export function poolNames({ metadata: { name }, spec }: SeiNodePool): PoolNames {
  const nodes = Array.from({ length: spec.nodeConfiguration.nodeCount }, (_, index): NodeNames => ({
    index,
    node: `${name}-${index}`,
    dataVolume: `data-${name}-${index}`,
    prepJob: `${name}-prep-${index}`,
  }))
  return { genesisVolume: `${name}-genesis-data`, genesisJob: `${name}-genesis`, policy: name, nodes }
}

/** The P2P address of the SeiNode `node`: the DNS name of its pod and the port. */
export function peerAddress(node: string, namespace: string, clusterDomain: string): string {
  return `${node}-0.${node}.${namespace}.svc.${clusterDomain}:${SEID_PORTS.p2p}`
}
