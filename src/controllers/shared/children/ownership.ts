/** Whose a live object is: by the UID of its controller; without a controller, by known UIDs or the owner's label; never by its name alone: `ownershipOf`, `isOwn`. */
import type { API_VERSION } from '../../../api/names.ts'
import type { KubeObject, ObjectMeta } from '../../../kube/types.ts'

/** An object of one of our kinds, as the owner of the objects that it is made of. */
export interface Owner extends KubeObject {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'SeiNode' | 'SeiNodePool'
  readonly metadata: ObjectMeta & { readonly name: string }
  /** The label by which its objects carry its name. */
  readonly label: string
  /** UIDs of objects that stay its own whatever becomes of their labels. */
  readonly known: readonly string[]
  /** Of volumes: the label alone does not make one its own, since an earlier owner of this name may have left it behind. */
  readonly knownAlone?: boolean
}

export type Ownership =
  /** Controlled by this very owner. */
  | { readonly kind: 'ours' }
  /** Labelled as this owner's, or known to it, and without controller: a retained volume, or objects orphaned on purpose. */
  | { readonly kind: 'unowned' }
  /** Labelled as this owner's and not on its record: a volume that an earlier owner of this name left behind, or a restored one. */
  | { readonly kind: 'kept' }
  /** Controlled by an owner of this name that is gone, and about to be collected with it. */
  | { readonly kind: 'earlier'; readonly uid: string }
  /** `owner` completes the sentence "it belongs to ...". */
  | { readonly kind: 'foreign'; readonly owner: string }

export function ownershipOf(object: Readonly<KubeObject>, owner: Owner): Ownership {
  const { ownerReferences = [], labels = {}, uid } = object.metadata ?? {}
  const { name } = owner.metadata
  const controller = ownerReferences.find(reference => reference.controller === true)
  if (controller && controller.uid === owner.metadata.uid) return { kind: 'ours' }
  if (controller) {
    const isEarlier = controller.kind === owner.kind && controller.name === name
    if (isEarlier) return { kind: 'earlier', uid: controller.uid }
    return { kind: 'foreign', owner: `${controller.kind} ${controller.name}` }
  }
  if (uid !== undefined && owner.known.includes(uid)) return { kind: 'unowned' }
  if (labels[owner.label] === name) return { kind: owner.knownAlone === true ? 'kept' : 'unowned' }
  return { kind: 'foreign', owner: 'something that this operator did not make' }
}

/** Whether the object is the owner's to change and to delete. */
export function isOwn(object: Readonly<KubeObject>, owner: Owner): boolean {
  const { kind } = ownershipOf(object, owner)
  return kind === 'ours' || kind === 'unowned'
}
