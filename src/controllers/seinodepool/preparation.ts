/** The second step of a pool: each node's volume gets its validator's files, by a Job: `prepareVolumes`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { PoolNode } from '../../api/seinodepool-status.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { type NodeNames, poolNames } from '../../build/pool/names.ts'
import { buildPrepJob } from '../../build/pool/prep-job.ts'
import type { ChildProblem } from '../shared/child-problem.ts'
import { isTerminating } from '../shared/deletion.ts'
import type { PoolDependencies } from './dependencies.ts'
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
      if (recorded === volumeUID) return { kind: 'prepared', volumeUID, isNew: false }
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
  const message = `PersistentVolumeClaim ${dataVolume} is being deleted, with what validator ${node} has signed, and goes when pod ${node}-0 stops: before that, save data/priv_validator_state.json, or set the reclaim policy of PersistentVolume ${claim.spec?.volumeName} to Retain`
  return { kind: 'leaving', message }
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
