/** The second step of a pool: each node's volume gets its validator's files, by a Job: `prepareVolumes`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { type NodeNames, poolNames } from '../../build/pool/names.ts'
import { buildPrepJob } from '../../build/pool/prep-job.ts'
import type { ChildProblem } from '../shared/child-problem.ts'
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
  /** Another claim stands where the prepared one was; `recorded` is the UID of that. */
  | { readonly kind: 'replaced'; readonly recorded: string; readonly message: string }

/**
 * A claim that status names is prepared, whatever became of its Job. Where another one stands the validator's signing state
 * is lost, and only the user can know that no pod signs with its key elsewhere: nothing is copied until a retry says so.
 * @param isTakenOver the nodes are those of an earlier operator, which prepared their volumes
 * @returns by node, from 0 on
 */
export async function prepareVolumes(
  pool: SeiNodePool,
  volumes: PoolVolumes,
  isTakenOver: boolean,
  isRetried: boolean,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<readonly Preparation[]> {
  return Promise.all(
    poolNames(pool).nodes.map(async (names): Promise<Preparation> => {
      const claim = volumes.data[names.index]
      const volumeUID = claim?.metadata?.uid
      const genesisUID = volumes.genesis?.metadata?.uid
      const recorded = recordedVolume(pool, names)
      if (volumeUID === undefined || (genesisUID === undefined && !isTakenOver && recorded === undefined)) {
        return { kind: 'waiting', message: `the volume of ${names.node} is not there yet` }
      }
      if (recorded === volumeUID) return { kind: 'prepared', volumeUID, isNew: false }
      if (isTakenOver && recorded === undefined) return { kind: 'prepared', volumeUID, isNew: true }
      if (recorded !== undefined && !isRetried) return replaced(names, claim, recorded)
      const job = buildPrepJob(pool, names, dependencies.platform, { genesisUID: genesisUID ?? '', dataUID: volumeUID })
      const run = await runJob(pool, job, { isRetried, isReportWanted: false }, dependencies, signal)
      return preparationOf(names, volumeUID, run)
    }),
  )
}

/** UID of the claim that was prepared for the node; undefined before that. */
function recordedVolume({ status }: SeiNodePool, { node }: NodeNames): string | undefined {
  return status?.nodes?.find(({ name }) => name === node)?.dataVolumeUID
}

function replaced(
  { node }: NodeNames,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  recorded: string,
): Preparation {
  const message = `PersistentVolumeClaim ${claim?.metadata?.name} (uid ${claim?.metadata?.uid}) is not the one that was prepared for ${node} (uid ${recorded}): the validator's signing state is lost with that. Bring the old volume back; where that cannot be, and no pod anywhere runs with this validator's key, set the annotation sei.io/retry-plan to a new value to start it from the ceremony's files`
  return { kind: 'replaced', recorded, message }
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
