/** The first step of a pool: its genesis ceremony, performed by a Job, or found on the volume: `performCeremony`. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { buildGenesisJob, GENESIS_STEPS } from '../../../build/pool/genesis-job.ts'
import { poolNames } from '../../../build/pool/names.ts'
import { type CeremonyResult, readCeremonyResult } from '../../../plan/pool/ceremony-result.ts'
import type { ChildProblem } from '../../shared/children/apply-child.ts'
import type { PoolDependencies } from '../dependencies.ts'
import { type JobRun, runJob } from './run-job.ts'

export type Ceremony =
  | { readonly kind: 'waiting' | 'running' | 'stuck' | 'failed' | 'other-network'; readonly message: string }
  | { readonly kind: 'blocked'; readonly message: string; readonly problem: ChildProblem }
  /** `isNew`: not in status yet. `at`: RFC 3339. */
  | { readonly kind: 'complete'; readonly result: CeremonyResult; readonly at: string; readonly isNew: boolean }
  /** Nodes stand that an earlier operator made: their ceremony is long over, and must not be held again. */
  | { readonly kind: 'taken-over' }

/** What status knows of the ceremony; undefined where it is not over, or not everything of it is known. */
export function knownCeremony(pool: SeiNodePool): Ceremony | undefined {
  const { genesis, nodes = [] } = pool.status ?? {}
  const nodeIDs = nodes.flatMap(({ nodeId }) => nodeId ?? [])
  if (genesis?.hash === undefined || nodeIDs.length !== pool.spec.nodeConfiguration.nodeCount) return undefined
  const result = { genesisHash: genesis.hash, nodeIDs }
  return { kind: 'complete', result, at: genesis.completedAt ?? '', isNew: false }
}

export async function performCeremony(
  pool: SeiNodePool,
  genesis: Readonly<PersistentVolumeClaim> | undefined,
  isRetried: boolean,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<Ceremony> {
  const uid = genesis?.metadata?.uid
  if (uid === undefined) return { kind: 'waiting', message: 'the genesis volume is not there yet' }
  const platform = { ...dependencies.platform, operatorImage: await dependencies.operatorImage(signal) }
  const job = buildGenesisJob(pool, platform, uid)
  const { nodeCount } = pool.spec.nodeConfiguration
  const isReadable = (report: string): boolean => readCeremonyResult(report, nodeCount) !== undefined
  const run = await runJob(pool, job, { isRetried, isReadable }, dependencies, signal)
  return ceremonyOf(pool, run)
}

function ceremonyOf(pool: SeiNodePool, run: JobRun): Ceremony {
  const name = `Job ${poolNames(pool).genesisJob}`
  switch (run.kind) {
    case 'blocked':
      return { kind: 'blocked', message: run.problem.message, problem: run.problem }
    case 'going':
      return { kind: 'running', message: `${name} is being replaced` }
    case 'starting':
      return { kind: 'running', message: `${name}: its pod is about to run since ${run.since}` }
    case 'running':
      return { kind: 'running', message: `${name}: ${progressOf(run.step)}${run.since ? ` since ${run.since}` : ''}` }
    case 'stuck':
      return { kind: 'stuck', message: `${name}: ${run.message}` }
    case 'failed':
      return { kind: 'failed', message: run.message }
    case 'complete': {
      const { report = '', at = '' } = run
      const result = readCeremonyResult(report, pool.spec.nodeConfiguration.nodeCount)
      if (result) return { kind: 'complete', result, at, isNew: true }
      const message = `${name} is complete, but its last step reported this instead of node ids: ${JSON.stringify(report.slice(0, 200))}`
      return { kind: 'failed', message }
    }
  }
}

function progressOf(step: string): string {
  const number = GENESIS_STEPS.findIndex(each => each === step) + 1
  return `step ${number} of ${GENESIS_STEPS.length}, ${step}, runs`
}
