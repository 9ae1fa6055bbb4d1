/** The second step of a pool: each node's volume gets its validator's files, by a Job: `prepareVolumes`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { PoolNode } from '../../api/seinodepool-status.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { type NodeNames, poolNames } from '../../build/pool/names.ts'
import { buildPrepJob } from '../../build/pool/prep-job.ts'
import { assertNever } from '../../lib/assert-never.ts'
import type { ChildProblem } from '../shared/child-problem.ts'
import { claimHealth, leavingText } from '../shared/claim-health.ts'
import { isTerminating } from '../shared/deletion.ts'
import type { PoolDependencies } from './dependencies.ts'
import { poolOwner } from './owner.ts'
import { type JobRun, runJob } from './run-job.ts'
import type { PoolVolumes } from './volumes.ts'

/** How one node's volume is. */
export type Preparation =
  /** `isNew`: not in status yet. */
  | { readonly kind: 'prepared'; readonly volumeUID: string; readonly isNew: boolean }
  /** `waiting`: its claim is not there yet. The others are of a Job that runs for it. */
  | { readonly kind: 'waiting' | 'running' | 'stuck' | 'failed' | 'other-genesis'; readonly message: string }
  | { readonly kind: 'blocked'; readonly message: string; readonly problem: ChildProblem }
  /** The prepared claim is being deleted, and goes when its pod stops. */
  | { readonly kind: 'leaving'; readonly message: string }
  /** The volume of the prepared claim is gone; `foreign`: something else owns the claim by now, and its node goes on with it. */
  | { readonly kind: 'lost' | 'foreign'; readonly message: string }
  /** The prepared claim is gone; `by` is the UID of the one that stands there, or none. */
  | { readonly kind: 'replaced'; readonly by: string; readonly message: string }

/** In place of a UID. */
const NONE = 'none'

/** What a retry means for volumes. */
export interface Consent {
  readonly isRetried: boolean
  /** The nodes are those of an earlier operator, which prepared their volumes: there is nothing to prepare others from. */
  readonly isTakenOver: boolean
}

/**
 * Whether a claim is to be made for the node where there is none: not in place of one that was prepared, unless the user
 * has been told that it is gone and asks for another.
 */
export function mayCreateVolume(pool: SeiNodePool, names: NodeNames, consent: Consent): boolean {
  const { dataVolumeUID, replacedBy } = recordOf(pool, names)
  return dataVolumeUID === undefined || (replacedBy === NONE && isConsenting(consent))
}

/**
 * A claim that status names is prepared, whatever became of its Job. Where another one stands the validator's signing state
 * is lost, and only the user can know that no pod signs with its key elsewhere. So nothing is copied until a retry says so,
 * and a retry speaks only of what status told before.
 * @returns by node, from 0 on
 */
export async function prepareVolumes(
  pool: SeiNodePool,
  volumes: PoolVolumes,
  consent: Consent,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<readonly Preparation[]> {
  const { isTakenOver, isRetried } = consent
  return Promise.all(
    poolNames(pool).nodes.map(async (names): Promise<Preparation> => {
      const claim = volumes.data[names.index]
      const genesisUID = volumes.genesis?.metadata?.uid
      const { dataVolumeUID: recorded, replacedBy } = recordOf(pool, names)
      if (claim && recorded !== undefined && isTerminating(claim)) return leaving(names, claim)
      const volumeUID = claim?.metadata?.uid
      if (volumeUID === undefined && recorded !== undefined) return replaced(names, NONE, recorded)
      if (volumeUID === undefined) return { kind: 'waiting', message: `the volume of ${names.node} is not there yet` }
      if (claim && recorded === volumeUID) return standing(pool, names, claim, volumeUID)
      if (isTakenOver && recorded === undefined) return { kind: 'prepared', volumeUID, isNew: true }
      const isToldOf = replacedBy === volumeUID || replacedBy === NONE
      if (recorded !== undefined && !(isToldOf && isConsenting(consent))) return replaced(names, volumeUID, recorded)
      if (genesisUID === undefined) return { kind: 'waiting', message: 'the genesis volume is not there yet' }
      const job = buildPrepJob(pool, names, dependencies.platform, { genesisUID, dataUID: volumeUID })
      return preparationOf(names, volumeUID, await runJob(pool, job, { isRetried }, dependencies, signal))
    }),
  )
}

function isConsenting({ isRetried, isTakenOver }: Consent): boolean {
  return isRetried && !isTakenOver
}

function recordOf({ status }: SeiNodePool, { node }: NodeNames): Pick<PoolNode, 'dataVolumeUID' | 'replacedBy'> {
  return status?.nodes?.find(({ name }) => name === node) ?? {}
}

function leaving({ node, dataVolume }: NodeNames, claim: Readonly<PersistentVolumeClaim>): Preparation {
  const saves = `save data/priv_validator_state.json and the key of validator ${node}, and `
  const message = `PersistentVolumeClaim ${dataVolume} ${leavingText(claim, `${node}-0`, saves)}`
  return { kind: 'leaving', message }
}

/** The claim that was prepared: its node is looked after whatever becomes of it. */
function standing(
  pool: SeiNodePool,
  names: NodeNames,
  claim: Readonly<PersistentVolumeClaim>,
  volumeUID: string,
): Preparation {
  const name = `PersistentVolumeClaim ${names.dataVolume}`
  const health = claimHealth(claim, poolOwner(pool))
  switch (health.kind) {
    case 'leaving':
      return leaving(names, claim)
    case 'lost': {
      const message = `${name} is Lost: its PersistentVolume ${claim.spec?.volumeName} is gone, with what validator ${names.node} has signed. Pod ${names.node}-0 goes on with what it has mounted: save data/priv_validator_state.json before it stops`
      return { kind: 'lost', message }
    }
    case 'foreign': {
      const message = `${name} belongs to ${health.owner}, and may be deleted with it. ${names.node} goes on with it, and the operator does not change it: take the owner reference of the other off the claim`
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

function replaced({ node, dataVolume }: NodeNames, by: string, recorded: string): Preparation {
  const what = by === NONE ? 'is gone' : `(uid ${by}) is another`
  return {
    kind: 'replaced',
    by,
    message: `PersistentVolumeClaim ${dataVolume} of ${node} ${what}; uid ${recorded} was prepared`,
  }
}

function preparationOf({ node, prepJob }: NodeNames, volumeUID: string, run: JobRun): Preparation {
  switch (run.kind) {
    case 'blocked':
      return { kind: 'blocked', message: run.problem.message, problem: run.problem }
    case 'going':
      return { kind: 'running', message: `Job ${prepJob} is being replaced` }
    case 'running':
      return { kind: 'running', message: `Job ${prepJob} runs${run.since ? ` since ${run.since}` : ''}` }
    case 'stuck':
      return { kind: 'stuck', message: `Job ${prepJob}: ${run.message}` }
    case 'failed':
      return { kind: run.refused ? 'other-genesis' : 'failed', message: `${node}: ${run.message}` }
    case 'complete':
      return { kind: 'prepared', volumeUID, isNew: true }
  }
}
