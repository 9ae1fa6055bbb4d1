/** The SeiNode of one validator of a pool: `buildPoolNode`. */
import { API_VERSION, ORDINAL_LABEL, PEERS_KEY } from '../../api/names.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { withAppliedHash } from '../applied-hash.ts'
import { poolLabels } from '../labels.ts'
import { ownerReference } from '../owner-reference.ts'
import type { NodeNames } from './names.ts'

/**
 * @param peers `NODEID@HOST:PORT` of the others, joined by commas; undefined where ids are not known. They travel as an
 * override, since the bootstrap's config-apply rewrites whatever stands in the files.
 * @throws TypeError where the pool has no UID yet
 */
export function buildPoolNode(pool: SeiNodePool, names: NodeNames, peers: string | undefined): SeiNode {
  const { metadata, spec } = pool
  const { image, entrypoint, resources, overrides, sidecar } = spec.nodeConfiguration
  const ownOverrides = { ...(peers === undefined ? {} : { [PEERS_KEY]: peers }), ...overrides }
  return withAppliedHash<SeiNode>({
    apiVersion: API_VERSION,
    kind: 'SeiNode',
    metadata: {
      name: names.node,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: { ...poolLabels(pool), [ORDINAL_LABEL]: String(names.index) },
      ownerReferences: [ownerReference('SeiNodePool', pool)],
    },
    spec: {
      chainId: spec.chainId,
      mode: 'validator',
      image,
      genesis: { pvc: { dataPVC: names.dataVolume } },
      ...(Object.keys(ownOverrides).length === 0 ? {} : { overrides: ownOverrides }),
      ...(entrypoint === undefined ? {} : { entrypoint }),
      ...(resources === undefined ? {} : { resources }),
      ...(sidecar === undefined ? {} : { sidecar }),
    },
  })
}

/** The peers that the SeiNode has as it stands. */
export function peersOfPoolNode({ spec }: Readonly<SeiNode>): string | undefined {
  return spec.overrides?.[PEERS_KEY]
}
