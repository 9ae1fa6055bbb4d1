/** A SeiNode as the owner of its objects: `nodeOwner`, `volumeOwner`, `nodeWriter`, and the input that its objects are built from: `buildInput`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { API_VERSION, NODE_FINALIZER, NODE_LABEL } from '../../api/names.ts'
import { seiNodes } from '../../api/resources.ts'
import type { SeiNodeStatus } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { Owner } from '../shared/children/ownership.ts'
import { ObjectWriter } from '../shared/write-object.ts'
import type { NodeDependencies } from './dependencies.ts'

/** A retained volume has no owner reference. It stays the node's own when somebody takes its labels away. */
export function nodeOwner({ metadata, status }: SeiNode): Owner {
  const volumeUID = status?.initPlan?.volumeUID
  const known = volumeUID === undefined ? [] : [volumeUID]
  return { apiVersion: API_VERSION, kind: 'SeiNode', metadata, label: NODE_LABEL, known }
}

/**
 * As the owner of its volume. A claim that only has its label may be an earlier node's, whose state it may not use: the
 * node's own are those that it controls, that are on its record, and `usable`, which it was found to be allowed to use.
 */
export function volumeOwner(node: SeiNode, usable: Readonly<PersistentVolumeClaim> | undefined): Owner {
  const owner = nodeOwner(node)
  const uid = usable?.metadata?.uid
  return { ...owner, known: uid === undefined ? owner.known : [...owner.known, uid], knownAlone: true }
}

export function nodeWriter({ client, stores }: NodeDependencies): ObjectWriter<SeiNodeStatus, SeiNode> {
  return new ObjectWriter<SeiNodeStatus, SeiNode>(seiNodes, NODE_FINALIZER, { phase: 'Pending' }, client, stores.nodes)
}

/**
 * The node with nothing but what its children may depend on. They are built from this, so that a part that is left out
 * here cannot change them unnoticed.
 */
export function buildInput({ metadata, spec }: Readonly<SeiNode>): SeiNode {
  const { name, namespace, uid, labels, generation } = metadata
  const input = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(labels === undefined ? {} : { labels }),
    ...(generation === undefined ? {} : { generation }),
  }
  return { metadata: input, spec }
}
