/** Whether a node waits for its turn to get a new pod template, which a pool gives to its nodes one after the other: `awaitsTurn`. */
import { TEMPLATE_ANNOTATION } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'

/**
 * Whether seid runs makes no difference: a pool lets a node that is down have its turn at once, where that is safe.
 * @param revision of the pod template that the operator makes now
 */
export function awaitsTurn(node: Readonly<SeiNode>, revision: string): boolean {
  return poolOf(node) !== undefined && node.metadata.annotations?.[TEMPLATE_ANNOTATION] !== revision
}

/** The name of the SeiNodePool that the node is one of. */
export function poolOf({ metadata }: Readonly<SeiNode>): string | undefined {
  return metadata.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'SeiNodePool')?.name
}
