/** The second step of a pool: each node's volume gets its validator's files, by a Job: `prepareVolumes`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { type NodeNames, poolNames } from '../../../build/pool/names.ts'
import { buildPrepJob } from '../../../build/pool/prep-job.ts'
import { ceremonyMarks } from '../../../build/pool/volume.ts'
import type { KubeObject } from '../../../kube/types.ts'
import { assertNever } from '../../../lib/assert-never.ts'
import { acceptsLoss, acceptsVolume, lossOf } from '../../../plan/volume-consent.ts'
import type { ChildProblem } from '../../shared/children/apply-child.ts'
import { claimHealth, terminatingText } from '../../shared/claims/claim-size.ts'
import { isTerminating } from '../../shared/deletion.ts'
import { isOwn } from '../../shared/children/ownership.ts'
import { preparedUID, standingOf } from '../volumes/claims.ts'
import type { PoolDependencies, PoolStores } from '../dependencies.ts'
import { poolOwner } from '../owner.ts'
import { type JobRun, runJob } from './run-job.ts'
import type { PoolVolumes } from '../volumes/volumes.ts'

/** How one node's volume is. */
export type Preparation =
  /** `isNew`: not in status yet. `isKept`: an earlier pool of this name left it behind. */
  | { readonly kind: 'prepared'; readonly volumeUID: string; readonly isNew: boolean; readonly isKept?: boolean }
  /** `waiting`: its claim is not there yet. The others are of a Job that runs for it. */
  | { readonly kind: 'waiting' | 'running' | 'stuck' | 'failed' | 'other-genesis'; readonly message: string }
  | { readonly kind: 'blocked'; readonly message: string; readonly problem: ChildProblem }
  /** The prepared claim is being deleted, and goes when its pod stops. */
  | { readonly kind: 'terminating'; readonly message: string }
  /** The volume of the prepared claim is gone; `foreign`: something else owns the claim by now, and its node goes on with it. */
  | { readonly kind: 'lost' | 'foreign'; readonly message: string }
  /**
   * The claim on record is gone; `by` is the UID of the one that stands there, or none. `accept`: what a person has to say
   * for the node to go on; absent where nothing would help but the old volume.
   */
  | {
      readonly kind: 'replaced'
      readonly by: string
      readonly accept?: string | undefined
      readonly message: string
    }

/** In place of a UID, in status too. */
export const NONE = 'none'

/** How volumes are dealt with. */
export interface Terms {
  /** The user asks for another attempt of what failed. */
  readonly isRetried: boolean
  /** The nodes are those of an earlier operator, which prepared their volumes: there is nothing to prepare others from. */
  readonly isTakenOver: boolean
  /** By node, UIDs of the claims that are on record (`recordedVolumes`). */
  readonly recorded: readonly (string | undefined)[]
}

/**
 * Whether a claim is to be made for the node where there is none: not in place of one that is on record, unless a person
 * gave that one up.
 */
export function mayCreateVolume(
  pool: SeiNodePool,
  names: NodeNames,
  { isTakenOver, recorded }: Terms,
  stores: Pick<PoolStores, 'nodes'>,
): boolean {
  const lost = recorded[names.index]
  if (lost === undefined) return true
  return !isTakenOver && speakers(pool, names, stores).some(object => acceptsLoss(object, lost))
}

/**
 * A claim that status names is prepared, whatever became of its Job. Where another one stands the validator's signing state
 * is lost, and only the user can know that no pod signs with its key elsewhere. So nothing is copied until a person names
 * that very claim.
 * @returns by node, from 0 on
 */
export async function prepareVolumes(
  pool: SeiNodePool,
  volumes: PoolVolumes,
  terms: Terms,
  genesisHash: string | undefined,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<readonly Preparation[]> {
  const { isTakenOver, isRetried } = terms
  const genesisUID = volumes.genesis?.metadata?.uid
  return Promise.all(
    poolNames(pool).nodes.map(async (names): Promise<Preparation> => {
      const claim = volumes.data[names.index]
      const recorded = terms.recorded[names.index]
      const prepared = preparedUID(pool, names.node)
      if (claim && recorded !== undefined && isTerminating(claim)) return beingReplaced(names, claim)
      const volumeUID = claim?.metadata?.uid
      if (!claim || volumeUID === undefined) {
        if (recorded !== undefined) return gone(names, recorded, isTakenOver)
        return { kind: 'waiting', message: `the volume of ${names.node} is not there yet` }
      }
      if (prepared === volumeUID) return preparedState(pool, names, claim, volumeUID)
      const standing = standingOf(pool, claim, recorded, prepared)
      const isAccepted = speakers(pool, names, dependencies.stores).some(object => acceptsVolume(object, volumeUID))
      if (standing === 'replaced' && !isAccepted) return replaced(names, volumeUID, recorded)
      if (isTakenOver) return { kind: 'prepared', volumeUID, isNew: true }
      const { genesis: held = genesisHash } = ceremonyMarks(claim)
      if (held !== genesisHash) return ofOtherGenesis(names, held)
      if (genesisUID === undefined) return { kind: 'waiting', message: 'the genesis volume is not there yet' }
      const job = buildPrepJob(pool, names, dependencies.platform, { genesisUID, dataUID: volumeUID })
      const run = await runJob(pool, job, { isRetried }, dependencies, signal)
      return preparationOf(names, volumeUID, run, standing === 'kept')
    }),
  )
}

/** Who may consent to a node's volume: a person, on the pool or on its SeiNode. */
function speakers(
  pool: SeiNodePool,
  { node }: NodeNames,
  { nodes }: Pick<PoolStores, 'nodes'>,
): readonly Readonly<KubeObject>[] {
  const live = nodes.get(`${pool.metadata.namespace}/${node}`)
  return live && isOwn(live, poolOwner(pool)) ? [pool, live] : [pool]
}

function beingReplaced({ node, dataVolume }: NodeNames, claim: Readonly<PersistentVolumeClaim>): Preparation {
  const saves = `save data/priv_validator_state.json and the key of validator ${node}, and `
  const message = `PersistentVolumeClaim ${dataVolume} ${terminatingText(claim, `${node}-0`, saves)}`
  return { kind: 'terminating', message }
}

/** The claim that was prepared: its node is reconciled whatever becomes of it. */
function preparedState(
  pool: SeiNodePool,
  names: NodeNames,
  claim: Readonly<PersistentVolumeClaim>,
  volumeUID: string,
): Preparation {
  const name = `PersistentVolumeClaim ${names.dataVolume}`
  const health = claimHealth(claim, poolOwner(pool))
  switch (health.kind) {
    case 'terminating':
      return beingReplaced(names, claim)
    case 'lost': {
      const message = `${name} is Lost: its PersistentVolume ${claim.spec?.volumeName} is gone, with the signing state of validator ${names.node}. Pod ${names.node}-0 keeps the volume mounted: save data/priv_validator_state.json before it stops`
      return { kind: 'lost', message }
    }
    case 'foreign': {
      const message = `${name} belongs to ${health.owner}, and may be deleted with it. ${names.node} keeps using the claim, and the operator does not change it. Remove that owner reference from the claim`
      return { kind: 'foreign', message }
    }
    case 'healthy':
    case 'pending':
    case 'unmodified':
      return { kind: 'prepared', volumeUID, isNew: false }
    default:
      return assertNever(health)
  }
}

function replaced({ node, dataVolume }: NodeNames, by: string, recorded: string | undefined): Preparation {
  const message = `PersistentVolumeClaim ${dataVolume} (uid ${by}) is not the claim that ${node} signed with (uid ${recorded}); the operator does not use it`
  return { kind: 'replaced', by, accept: by, message }
}

function gone({ node, dataVolume }: NodeNames, recorded: string, isTakenOver: boolean): Preparation {
  const message = `PersistentVolumeClaim ${dataVolume} of ${node} (uid ${recorded}) is gone`
  return { kind: 'replaced', by: NONE, accept: isTakenOver ? undefined : lossOf(recorded), message }
}

function ofOtherGenesis({ node, dataVolume }: NodeNames, hash: string | undefined): Preparation {
  const message = `${node}: PersistentVolumeClaim ${dataVolume} belongs to the genesis with the SHA-256 ${hash}`
  return { kind: 'other-genesis', message }
}

function preparationOf({ node, prepJob }: NodeNames, volumeUID: string, run: JobRun, isKept: boolean): Preparation {
  switch (run.kind) {
    case 'blocked':
      return { kind: 'blocked', message: run.problem.message, problem: run.problem }
    case 'going':
      return { kind: 'running', message: `Job ${prepJob} is being replaced` }
    case 'starting':
    case 'running':
      return { kind: 'running', message: `Job ${prepJob} runs${run.since ? ` since ${run.since}` : ''}` }
    case 'stuck':
      return { kind: 'stuck', message: `Job ${prepJob}: ${run.message}` }
    case 'failed':
      return { kind: run.refused ? 'other-genesis' : 'failed', message: `${node}: ${run.message}` }
    case 'complete':
      return { kind: 'prepared', volumeUID, isNew: true, isKept }
  }
}
