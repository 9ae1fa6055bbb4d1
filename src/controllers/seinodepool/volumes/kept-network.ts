/** Whether the volumes that a pool finds are those of another network, by what they say: `otherNetwork`. Pure: nothing is written or run to find out. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { madeBy } from '../../../build/claim-marks.ts'
import { poolNames } from '../../../build/pool/names.ts'
import { ceremonyMarks } from '../../../build/pool/volume.ts'
import type { PoolVolumes } from './volumes.ts'

const KEPT = 'retained from an earlier SeiNodePool of this name,'
const REMEDY =
  'Create the pool with the settings of that network, or under another name. Deleting this pool does not delete these claims. Deleting the claims permanently deletes keys, signing state and chain data'

/** Why the pool must not use the volumes; undefined where they are its own, new, or say nothing else. */
export function otherNetwork(pool: SeiNodePool, { genesis, data }: PoolVolumes): string | undefined {
  const found = data.filter(claim => claim !== undefined)
  return otherCeremony(pool, genesis) ?? otherChain(pool, found) ?? otherGenesis(pool, genesis, found)
}

function otherCeremony({ spec }: SeiNodePool, claim: Readonly<PersistentVolumeClaim> | undefined): string | undefined {
  const { chain, nodes } = ceremonyMarks(claim)
  const { chainId, nodeConfiguration } = spec
  const isOther =
    (chain !== undefined && chain !== chainId) || (nodes !== undefined && nodes !== String(nodeConfiguration.nodeCount))
  if (!isOther) return undefined
  return `PersistentVolumeClaim ${claim?.metadata?.name}, ${KEPT} holds the genesis of chain ${chain} with ${nodes} nodes, but this pool is of chain ${chainId} with ${nodeConfiguration.nodeCount}. ${REMEDY}`
}

function otherChain(
  { spec: { chainId } }: SeiNodePool,
  data: readonly Readonly<PersistentVolumeClaim>[],
): string | undefined {
  const other = data.find(claim => (ceremonyMarks(claim).chain ?? chainId) !== chainId)
  if (!other) return undefined
  return `PersistentVolumeClaim ${other.metadata?.name}, ${KEPT} holds a validator of chain ${ceremonyMarks(other).chain}, and this pool is of chain ${chainId}. ${REMEDY}`
}

/** Also where the genesis volume is gone: another ceremony would make another genesis, and other keys. */
function otherGenesis(
  pool: SeiNodePool,
  genesis: Readonly<PersistentVolumeClaim> | undefined,
  data: readonly Readonly<PersistentVolumeClaim>[],
): string | undefined {
  const isNew = !genesis || madeBy(genesis) === pool.metadata.uid
  const held = ceremonyMarks(genesis).genesis
  // What an earlier version kept does not say; its Job finds out.
  if (held === undefined && !isNew) return undefined
  const other = data.find(claim => (ceremonyMarks(claim).genesis ?? held) !== held)
  if (!other) return undefined
  const claim = `PersistentVolumeClaim ${other.metadata?.name}, ${KEPT} belongs to the genesis with the SHA-256 ${ceremonyMarks(other).genesis}`
  const { genesisVolume } = poolNames(pool)
  if (held === undefined) {
    return `${claim}, whose volume does not exist. Bind PersistentVolumeClaim ${genesisVolume} to the PersistentVolume that holds that genesis, with the label sei.io/nodepool=${pool.metadata.name}, or create the pool under another name. Deleting this pool does not delete these claims`
  }
  return `${claim}, but PersistentVolumeClaim ${genesisVolume} holds the genesis with ${held}. ${REMEDY}`
}
