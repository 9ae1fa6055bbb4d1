/** Names of a node's objects: the same as those of earlier operators, so that their objects are adopted: `childNames`. */
import type { SeiNode } from '../api/seinode.ts'

export interface ChildNames {
  readonly statefulSet: string
  readonly service: string
  /** The claim that the pod mounts; with `genesis.pvc`, one that others made. */
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
    // The suffix avoids the name of a pool's NetworkPolicy, and the node's own name, which users often choose for theirs.
    networkPolicy: `${name}-sidecar`,
    pod: `${name}-0`,
  }
}
