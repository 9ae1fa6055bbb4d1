/** The claims of a pool: the one genesis volume that all Jobs share, and a data volume for each node: `buildGenesisVolume`, `buildPoolDataVolume`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { ORDINAL_LABEL } from '../../api/names.ts'
import { PRUNE_PROTECTION } from '../../api/prune-protection.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { withAppliedHash } from '../applied-hash.ts'
import { claimSpec, type Resizing, type WantedVolume } from '../claim-spec.ts'
import { claimLabels, poolLabels } from '../labels.ts'
import { ownerReference } from '../owner-reference.ts'
import type { PlatformConfig } from '../platform.ts'
import { type NodeNames, poolNames } from './names.ts'

/** Chain whose ceremony a genesis volume holds. */
export const CEREMONY_CHAIN_ANNOTATION = 'sei.io/ceremony-chain'
/** How many validators that ceremony made. */
export const CEREMONY_NODES_ANNOTATION = 'sei.io/ceremony-nodes'

export interface PoolVolumeState {
  /** The claim as it stands, if there is one. */
  readonly live: PersistentVolumeClaim | undefined
  readonly resizing: Resizing
}

/**
 * With `retainOnDelete` no claim has an owner, so that the garbage collector leaves it alone.
 * @param isPublished the volume holds the pool's genesis; until that is known it keeps what it tells of an earlier pool's
 */
export function buildGenesisVolume(
  pool: SeiNodePool,
  platform: PlatformConfig,
  state: PoolVolumeState,
  isPublished: boolean,
): PersistentVolumeClaim {
  const annotations = isPublished
    ? {
        [CEREMONY_CHAIN_ANNOTATION]: pool.spec.chainId,
        [CEREMONY_NODES_ANNOTATION]: String(pool.spec.nodeConfiguration.nodeCount),
      }
    : toldBy(state.live)
  const wanted = {
    accessMode: 'ReadWriteMany',
    className: platform.storageClassGenesis,
    size: undefined,
    defaultSize: platform.storageSizeGenesis,
  } as const
  return claim(pool, poolNames(pool).genesisVolume, wanted, state, { annotations })
}

export function buildPoolDataVolume(
  pool: SeiNodePool,
  names: NodeNames,
  platform: PlatformConfig,
  state: PoolVolumeState,
): PersistentVolumeClaim {
  const { storageClassName, size } = pool.spec.storage ?? {}
  const wanted = {
    accessMode: 'ReadWriteOnce',
    className: storageClassName ?? platform.storageClassPerf,
    size: size === undefined ? undefined : String(size),
    defaultSize: platform.storageSizeDefault,
  } as const
  // Not the label of a SeiNode: one of that name that is none of the pool's must not take the volume for its own.
  return claim(pool, names.dataVolume, wanted, state, { labels: { [ORDINAL_LABEL]: String(names.index) } })
}

function claim(
  pool: SeiNodePool,
  name: string,
  wanted: WantedVolume,
  { live, resizing }: PoolVolumeState,
  { labels = {}, annotations }: { readonly labels?: object; readonly annotations?: Record<string, string> },
): PersistentVolumeClaim {
  const { namespace } = pool.metadata
  const isRetained = pool.spec.storage?.retainOnDelete === true
  return withAppliedHash<PersistentVolumeClaim>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...claimLabels(poolLabels(pool)), ...labels },
      annotations: { ...PRUNE_PROTECTION, ...annotations },
      ...(isRetained ? {} : { ownerReferences: [ownerReference('SeiNodePool', pool)] }),
    },
    spec: claimSpec(wanted, live, resizing),
  })
}

function toldBy(live: PersistentVolumeClaim | undefined): Record<string, string> {
  const annotations = live?.metadata?.annotations ?? {}
  return Object.fromEntries(
    [CEREMONY_CHAIN_ANNOTATION, CEREMONY_NODES_ANNOTATION].flatMap(key => {
      const value = annotations[key]
      return value === undefined ? [] : [[key, value] as const]
    }),
  )
}
