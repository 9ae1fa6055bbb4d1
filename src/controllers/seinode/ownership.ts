/** Whose a live object is, judged by UIDs and never by its name alone: `ownershipOf`, `isOwn`. */
import { NODE_LABEL } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { KubeObject } from '../../kube/types.ts'

export type Ownership =
  /** Controlled by this very SeiNode. */
  | { readonly kind: 'ours' }
  /** Labelled as this node's, or bootstrapped by it, and without owner: a retained volume, or objects orphaned on purpose. */
  | { readonly kind: 'unowned' }
  /** Controlled by a SeiNode of this name that is gone, and about to be collected with it. */
  | { readonly kind: 'earlier'; readonly uid: string }
  /** `owner` completes the sentence "it belongs to ...". */
  | { readonly kind: 'foreign'; readonly owner: string }

export function ownershipOf(object: Readonly<KubeObject>, node: SeiNode): Ownership {
  const { ownerReferences = [], labels = {} } = object.metadata ?? {}
  const owner = ownerReferences.find(reference => reference.controller === true)
  if (owner?.uid === node.metadata.uid) return { kind: 'ours' }
  if (owner) {
    if (owner.kind === 'SeiNode' && owner.name === node.metadata.name) return { kind: 'earlier', uid: owner.uid }
    return { kind: 'foreign', owner: `${owner.kind} ${owner.name}` }
  }
  if (labels[NODE_LABEL] === node.metadata.name || isKnownVolume(object, node)) return { kind: 'unowned' }
  return { kind: 'foreign', owner: 'something that this operator did not make' }
}

/** Whether the object is this node's to change and to delete. */
export function isOwn(object: Readonly<KubeObject>, node: SeiNode): boolean {
  const { kind } = ownershipOf(object, node)
  return kind === 'ours' || kind === 'unowned'
}

// A retained volume has no owner. It stays the node's own when somebody takes its labels away.
function isKnownVolume({ metadata }: Readonly<KubeObject>, { status }: SeiNode): boolean {
  return metadata?.uid !== undefined && metadata.uid === status?.initPlan?.volumeUID
}
