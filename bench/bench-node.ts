/** The SeiNodes that the benchmark creates, each with a bootstrap of all seven tasks: `createNodes`. */
import { API_VERSION, SIDECAR_PORT } from '../src/api/names.ts'
import { seiNodes } from '../src/api/resources.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { KubeClient } from '../src/kube/client.ts'

export const NAMESPACE = 'bench'
/** What the policies of nodes admit; as in a cluster, where the operator makes them. */
export const OPERATOR_ENV = { POD_NAMESPACE: 'operators' }

/** The fake node's sidecars of this image swallow what they are sent. */
const SWALLOWING_IMAGE = 'ghcr.io/sei-protocol/seictl:swallows-requests'

const PARALLEL = 16

/**
 * Creates them as fast as the API server accepts them; resolves when all exist.
 * @param isSilent whether the sidecar of the node of that index swallows what it receives
 */
export async function createNodes(
  client: KubeClient,
  count: number,
  onCreated: (node: SeiNode) => void,
  isSilent: (index: number) => boolean = () => false,
): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      onCreated(await client.create(seiNodes, benchNode(index, isSilent(index))))
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
}

function benchNode(index: number, isSilent: boolean): SeiNode {
  return {
    apiVersion: API_VERSION,
    kind: 'SeiNode',
    metadata: { name: `node-${String(index).padStart(4, '0')}`, namespace: NAMESPACE },
    spec: {
      // A well-known chain, so its genesis comes with the sidecar; static peers, so that no cloud is asked.
      chainId: 'pacific-1',
      image: 'sei-protocol/seid:v5.0.0',
      ...(isSilent && { sidecar: { image: SWALLOWING_IMAGE, port: SIDECAR_PORT } }),
      snapshot: { s3: { uri: 's3://sei-snapshots/pacific-1', region: 'us-east-2' }, trustPeriod: '9999h0m0s' },
      peers: [
        {
          static: {
            addresses: [
              '1111111111111111111111111111111111111111@10.0.0.1:26656',
              '2222222222222222222222222222222222222222@10.0.0.2:26656',
            ],
          },
        },
      ],
    },
  }
}
