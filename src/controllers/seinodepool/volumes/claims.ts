/** Which claims are a pool's own, which an earlier pool left behind, and which stand where another was: `recordedVolumes`, `standingOf`. Pure. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { isMadeInPlaceOf, madeBy } from '../../../build/claim-marks.ts'
import { poolNames } from '../../../build/pool/names.ts'
import { ceremonyMarks } from '../../../build/pool/volume.ts'
import type { Store } from '../../../runtime/store.ts'
import { isOwn, type Owner, ownershipOf } from '../../shared/children/ownership.ts'
import { poolOwner } from '../owner.ts'

type Claim = Readonly<PersistentVolumeClaim>

export type Standing =
  /** The pool made it, or has it on record as prepared: it may be changed, and is deleted with the pool. */
  | 'own'
  /** Found under the name that the pool needs, and left as it is until it is known to be of the pool's network. */
  | 'kept'
  /** It stands where another is on record, and is left as it is until a person consents. */
  | 'replaced'
  | 'foreign'

/**
 * By node, from 0 on, the UID of the claim that its validator last signed on: as the pool's status has it; else as its
 * SeiNode has it, since a status may be lost; else as the genesis volume of a network that was kept has it.
 */
export function recordedVolumes(
  pool: SeiNodePool,
  genesis: Claim | undefined,
  { nodes }: { readonly nodes: Store<SeiNode> },
): readonly (string | undefined)[] {
  const { volumes } = ceremonyMarks(genesis)
  return poolNames(pool).nodes.map(({ index, node }) => {
    const live = nodes.get(`${pool.metadata.namespace}/${node}`)
    const used = live && isOwn(live, poolOwner(pool)) ? live.status?.initPlan?.volumeUID : undefined
    return preparedUID(pool, node) ?? used ?? volumes[index]
  })
}

/** UID of the claim that the pool itself has prepared for the SeiNode `node`, or adopted. */
export function preparedUID({ status }: SeiNodePool, node: string): string | undefined {
  return status?.nodes?.find(({ name }) => name === node)?.dataVolumeUID
}

/**
 * @param recorded UID of the claim that is on record, wherever
 * @param prepared UID of the claim that the pool itself has on record
 */
export function standingOf(
  pool: SeiNodePool,
  claim: Claim,
  recorded: string | undefined,
  prepared: string | undefined,
): Standing {
  const { uid } = claim.metadata ?? {}
  const isPrepared = uid !== undefined && uid === prepared
  const { kind } = ownershipOf(claim, claimOwner(pool, isPrepared ? claim : undefined))
  if (kind === 'foreign' || kind === 'earlier') return 'foreign'
  if (isPrepared) return 'own'
  // A copy that was restored brings back the former owner.
  if (recorded !== undefined && recorded !== uid) {
    return isMadeInPlaceOf(claim, pool.metadata.uid, recorded) ? 'own' : 'replaced'
  }
  return kind === 'ours' || madeBy(claim) === pool.metadata.uid ? 'own' : 'kept'
}

export function genesisStanding(pool: SeiNodePool, claim: Claim): Standing {
  const { genesis } = pool.status ?? {}
  const recorded = genesis?.volumeUID ?? (isKnownFromBefore(pool, claim) ? claim.metadata?.uid : undefined)
  return standingOf(pool, claim, recorded, recorded)
}

/** Earlier versions kept no UID of the genesis volume, and had every volume on record once it was prepared. */
function isKnownFromBefore({ spec, status }: SeiNodePool, claim: Claim): boolean {
  const { chain, nodes } = ceremonyMarks(claim)
  return (
    status?.genesis?.hash !== undefined &&
    status.nodes?.some(({ dataVolumeUID }) => dataVolumeUID !== undefined) === true &&
    chain === spec.chainId &&
    nodes === String(spec.nodeConfiguration.nodeCount)
  )
}

/**
 * The pool as the owner of one of its claims. The label alone proves nothing: an earlier pool of this name has it too.
 * @param own a claim that was found to be the pool's own
 */
export function claimOwner(pool: SeiNodePool, own: Claim | undefined): Owner {
  const owner = poolOwner(pool)
  const uid = own?.metadata?.uid
  return { ...owner, known: uid === undefined ? owner.known : [...owner.known, uid], knownAlone: true }
}
