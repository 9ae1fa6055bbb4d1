/** The names of a pool's objects, as in clusters that already run pools, so that their objects are taken over: `poolNames`. */
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { SEID_PORTS } from '../../api/names.ts'

export interface PoolNames {
  readonly genesisVolume: string
  readonly genesisJob: string
  /** Of the NetworkPolicy and the PodDisruptionBudget. */
  readonly policy: string
  /** Of the nodes, from 0 on; below, by node. */
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

/** Where peers reach the pod of the SeiNode `node`: its name in its headless Service, and the port. */
export function peerAddress(node: string, namespace: string, clusterDomain: string): string {
  return `${node}-0.${node}.${namespace}.svc.${clusterDomain}:${SEID_PORTS.p2p}`
}
