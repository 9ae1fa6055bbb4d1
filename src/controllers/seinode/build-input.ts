/** What the children of a SeiNode are built from: `buildInput`. Pure. */
import type { SeiNode } from '../../api/seinode.ts'

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
