/** The names of a node's objects, as in clusters that already run Sei nodes, so that their objects are taken over. */
import type { SeiNode } from '../api/seinode.ts'

export interface ChildNames {
  readonly statefulSet: string
  readonly service: string
  readonly dataVolume: string
  readonly networkPolicy: string
  /** The StatefulSet's only pod. */
  readonly pod: string
}

export function childNames(node: SeiNode): ChildNames {
  const { name } = node.metadata
  return {
    statefulSet: name,
    service: name,
    dataVolume: node.spec.genesis?.pvc?.dataPVC ?? `data-${name}`,
    // A pool's NetworkPolicy has the name of the pool, and one that a user makes for a node often that of the node.
    networkPolicy: `${name}-sidecar`,
    pod: `${name}-0`,
  }
}
