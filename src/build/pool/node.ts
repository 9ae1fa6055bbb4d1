/** The SeiNode of one validator of a pool: `buildPoolNode`. */
import { API_VERSION, ORDINAL_LABEL, PEERS_KEY } from '../../api/names.ts'
import type { Placement } from '../../api/placement.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { withAppliedHash } from '../applied-hash.ts'
import { poolLabels } from '../labels.ts'
import { ownerReference } from '../owner-reference.ts'
import type { NodeNames } from './names.ts'

/**
 * @param peers `NODEID@HOST:PORT` of the others, joined by commas; undefined if the ids are unknown. They are set as an
 * override, because the config-apply of the bootstrap rewrites the files.
 * @throws TypeError where the pool has no UID yet
 */
export function buildPoolNode(pool: SeiNodePool, names: NodeNames, peers: string | undefined): SeiNode {
  const { metadata, spec } = pool
  const { image, upgrades, entrypoint, resources, overrides, sidecar, healthPolicy, haltHeight } =
    spec.nodeConfiguration
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
      ...(upgrades === undefined ? {} : { upgrades }),
      genesis: { pvc: { dataPVC: names.dataVolume } },
      ...(Object.keys(ownOverrides).length === 0 ? {} : { overrides: ownOverrides }),
      ...(entrypoint === undefined ? {} : { entrypoint }),
      ...(resources === undefined ? {} : { resources }),
      ...(sidecar === undefined ? {} : { sidecar }),
      ...(healthPolicy === undefined ? {} : { healthPolicy }),
      ...placementOf(spec.nodeConfiguration),
      ...(haltHeight === undefined ? {} : { haltHeight }),
    },
  })
}

/** Without the fields that the pool leaves out. */
function placementOf(configuration: Placement): Placement {
  const { scheduling, podMetadata, serviceMetadata, imagePullSecrets, env, initResources } = configuration
  return {
    ...(scheduling && { scheduling }),
    ...(podMetadata && { podMetadata }),
    ...(serviceMetadata && { serviceMetadata }),
    ...(imagePullSecrets && { imagePullSecrets }),
    ...(env && { env }),
    ...(initResources && { initResources }),
  }
}

/** `desired` with the image, the overrides and the upgrades of `live`, as the pool applies it. */
export function withImagesOf(desired: SeiNode, live: Readonly<SeiNode>): SeiNode {
  const { annotations: _, ...metadata } = desired.metadata
  const { image: __, overrides: ___, upgrades: ____, ...rest } = desired.spec
  const { image, overrides, upgrades } = live.spec
  const own = { ...(overrides === undefined ? {} : { overrides }), ...(upgrades === undefined ? {} : { upgrades }) }
  return withAppliedHash<SeiNode>({ ...desired, metadata, spec: { ...rest, image, ...own } })
}

/** The peers in the existing SeiNode. */
export function peersOfPoolNode({ spec }: Readonly<SeiNode>): string | undefined {
  return spec.overrides?.[PEERS_KEY]
}
