/** The claims of a pool: the one genesis volume that all Jobs share, and a data volume for each node: `buildGenesisVolume`, `buildPoolDataVolume`, `ceremonyMarks`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { ORDINAL_LABEL } from '../../api/names.ts'
import { PRUNE_PROTECTION } from '../../api/prune-protection.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { stableHash } from '../../lib/stable-hash.ts'
import { withAppliedHash } from '../applied-hash.ts'
import { type ClaimGrowth, growthMarks, wantedSize } from '../claim-growth.ts'
import { birthMarks, CLAIM_UID_ANNOTATION, keptMarks, madeBy, ownMark } from '../claim-marks.ts'
import { claimSpec, type Resizing, type WantedVolume } from '../claim-spec.ts'
import { claimLabels, poolLabels } from '../labels.ts'
import { ownerReference } from '../owner-reference.ts'
import type { PlatformConfig } from '../platform.ts'
import { type NodeNames, poolNames } from './names.ts'

const CHAIN = 'sei.io/ceremony-chain'
const NODES = 'sei.io/ceremony-nodes'
const GENESIS = 'sei.io/ceremony-genesis'
const SPEC = 'sei.io/ceremony-spec'
const VOLUMES = 'sei.io/ceremony-volumes'

/** Annotations of a claim on the ceremony whose files are on its volume. */
export interface CeremonyMarks {
  readonly chain: string | undefined
  /** SHA-256 of genesis.json. */
  readonly genesis: string | undefined
  /** On a genesis volume: the number of validators of the ceremony. */
  readonly nodes: string | undefined
  /** On a genesis volume: hash of the pool's `spec.genesis`. */
  readonly spec: string | undefined
  /** On a genesis volume: UID of the claim that each validator, from 0 on, was last started on. */
  readonly volumes: readonly (string | undefined)[]
}

export function ceremonyMarks(claim: Readonly<PersistentVolumeClaim> | undefined): CeremonyMarks {
  const annotations = claim?.metadata?.annotations ?? {}
  const volumes = (annotations[VOLUMES] ?? '').split(',').map(uid => uid || undefined)
  return {
    chain: annotations[CHAIN],
    genesis: annotations[GENESIS],
    nodes: annotations[NODES],
    spec: annotations[SPEC],
    volumes,
  }
}

/** The hash of `spec.genesis` that is recorded on a genesis volume. */
export function genesisSpecHash({ spec }: SeiNodePool): string {
  return stableHash(spec.genesis ?? {})
}

export interface PoolVolumeState {
  /** The existing claim. */
  readonly live: PersistentVolumeClaim | undefined
  readonly resizing: Resizing
  /** To ask for, as `spec.storage.autoGrow` says. */
  readonly growth?: ClaimGrowth | undefined
  /** UID of the claim on record that a new one replaces. */
  readonly replaces?: string | undefined
}

/**
 * With `retainOnDelete` no claim has an owner, so that the garbage collector does not delete it. A claim on the pool's
 * record is annotated with the pool's ceremony. Until then it keeps the annotations of an earlier pool's ceremony.
 */
export function buildGenesisVolume(
  pool: SeiNodePool,
  platform: PlatformConfig,
  state: PoolVolumeState,
): PersistentVolumeClaim {
  const wanted = {
    accessMode: 'ReadWriteMany',
    className: platform.storageClassGenesis,
    size: undefined,
    defaultSize: platform.storageSizeGenesis,
  } as const
  return buildClaim(pool, poolNames(pool).genesisVolume, wanted, state, { annotations: genesisMarks(pool, state.live) })
}

function genesisMarks(pool: SeiNodePool, live: PersistentVolumeClaim | undefined): Record<string, string> {
  const { genesis: { hash, volumeUID } = {}, nodes = [] } = pool.status ?? {}
  if (!live || hash === undefined || volumeUID === undefined || volumeUID !== live.metadata?.uid) {
    return keptMarks(live, [CHAIN, NODES, GENESIS, SPEC, VOLUMES, CLAIM_UID_ANNOTATION])
  }
  const before = ceremonyMarks(live).volumes
  const volumes = poolNames(pool).nodes.map(
    ({ index, node }) => nodes.find(({ name }) => name === node)?.dataVolumeUID ?? before[index] ?? '',
  )
  return {
    [CHAIN]: pool.spec.chainId,
    [NODES]: String(pool.spec.nodeConfiguration.nodeCount),
    [GENESIS]: hash,
    [VOLUMES]: volumes.join(','),
    ...ownMark(live),
    // Which `spec.genesis` an earlier pool's ceremony used is unknown here.
    ...(madeBy(live) === pool.metadata.uid ? { [SPEC]: genesisSpecHash(pool) } : keptMarks(live, [SPEC])),
  }
}

export function buildPoolDataVolume(
  pool: SeiNodePool,
  names: NodeNames,
  platform: PlatformConfig,
  state: PoolVolumeState,
): PersistentVolumeClaim {
  const { storage } = pool.spec
  const { live, resizing, growth } = state
  const wanted = {
    accessMode: 'ReadWriteOnce',
    className: storage?.storageClassName ?? platform.storageClassPerf,
    size: growth?.to ?? wantedSize(storage, live),
    defaultSize: platform.storageSizeDefault,
  } as const
  // No SeiNode label: a SeiNode of that name that is not the pool's must not adopt the volume.
  return buildClaim(pool, names.dataVolume, wanted, state, {
    labels: { [ORDINAL_LABEL]: String(names.index) },
    annotations: {
      ...dataMarks(pool, names, live),
      ...growthMarks(storage, live, growth, resizing.keepSize === true),
    },
  })
}

function dataMarks(
  { spec, status }: SeiNodePool,
  { node }: NodeNames,
  live: PersistentVolumeClaim | undefined,
): Record<string, string> {
  const prepared = status?.nodes?.find(({ name }) => name === node)?.dataVolumeUID
  if (!live || prepared === undefined || prepared !== live.metadata?.uid) {
    return keptMarks(live, [CHAIN, GENESIS, CLAIM_UID_ANNOTATION])
  }
  const hash = status?.genesis?.hash
  return { [CHAIN]: spec.chainId, ...(hash === undefined ? {} : { [GENESIS]: hash }), ...ownMark(live) }
}

function buildClaim(
  pool: SeiNodePool,
  name: string,
  wanted: WantedVolume,
  { live, resizing, replaces }: PoolVolumeState,
  { labels = {}, annotations }: { readonly labels?: object; readonly annotations: Record<string, string> },
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
      annotations: { ...PRUNE_PROTECTION, ...birthMarks(pool.metadata.uid, live, replaces), ...annotations },
      ...(isRetained ? {} : { ownerReferences: [ownerReference('SeiNodePool', pool)] }),
    },
    spec: claimSpec(wanted, live, resizing),
  })
}
