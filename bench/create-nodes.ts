/** Creates the SeiNodes of a round as fast as the API server takes them: `createNodes`. */
import { seiNodes } from '../src/api/resources.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { KubeClient } from '../src/kube/client.ts'
import { benchNode } from './bench-node.ts'

const PARALLEL = 16

/**
 * Resolves when all are there.
 * @param onCreated told of each node, with its UID
 * @param isSilent whether the sidecar of the node of that index swallows what it is sent
 */
export async function createNodes(
  client: KubeClient,
  count: number,
  onCreated?: (node: SeiNode) => void,
  isSilent: (index: number) => boolean = () => false,
): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const node = await client.create(seiNodes, benchNode(index, isSilent(index)))
      onCreated?.(node)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
}
