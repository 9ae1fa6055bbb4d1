/** Brings a Job of a pool to its end, once for the volumes that it works on: `runJob`; `removeFailedJobs` makes way for another attempt. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { POOL_JOB_LABEL, POOL_LABEL } from '../../../api/names.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { isApplied, isAppliedAs } from '../../../build/applied-hash.ts'
import { JOB_VOLUMES_ANNOTATION } from '../../../build/pool/job.ts'
import { jobs, pods } from '../../../kube/resources.ts'
import { differences } from '../../../lib/subset.ts'
import { applyChild, type ChildProblem, problemOf } from '../../shared/children/apply-child.ts'
import { deleteObject } from '../../shared/deletion.ts'
import { isOwn } from '../../shared/children/ownership.ts'
import type { PoolDependencies, PoolStores } from '../dependencies.ts'
import { goingState, type JobState, jobState, startProblem } from './job-state.ts'
import { poolOwner } from '../owner.ts'

export interface JobOptions {
  /** The user asks for another attempt of what failed. */
  readonly isRetried: boolean
  /** Whether a report is what is needed of the Job. Absent: that it is complete is enough. */
  readonly isReadable?: (report: string) => boolean
}

export type JobRun = JobState | { readonly kind: 'blocked'; readonly problem: ChildProblem }

/**
 * A Job's template cannot change: one that is to be another is deleted with its pods, and made again when they are gone.
 * That is done while it is not complete; a failed one is also made again when the user asks for it, a complete one where
 * its report is wanted and went with its pod, or cannot be read and the user asks.
 */
export async function runJob(
  pool: SeiNodePool,
  desired: Job,
  options: JobOptions,
  dependencies: PoolDependencies,
  signal: AbortSignal,
): Promise<JobRun> {
  const { client, stores, clock, verified } = dependencies
  const child = {
    resource: jobs,
    store: stores.jobs,
    name: desired.metadata?.name ?? '',
    verified,
    build: (live: Readonly<Job> | undefined) => live ?? desired,
  }
  const state = await applyChild(client, poolOwner(pool), child, signal)
  if (state.kind === 'terminating') return goingState(podsOf(state.standing, stores.jobPods.values()), clock.now())
  if (state.kind !== 'applied') return blocked(problemOf(state))

  const live = state.object
  let run = jobState(live, podsOf(live, stores.jobPods.values()), clock.now())
  if (options.isReadable && lacksReport(run)) {
    // The cache of pods may be behind that of Jobs.
    const labelSelector = `${POOL_JOB_LABEL}=${live.metadata?.labels?.[POOL_JOB_LABEL]}`
    const { items } = await client.list(pods, { namespace: pool.metadata.namespace ?? '', labelSelector, signal })
    run = jobState(live, podsOf(live, items), clock.now())
  }
  const isOutcomeOpen = run.kind !== 'complete' && isAppliedAs(live, desired)
  // A template that admission rewrote cannot be applied again; it may be why the Job fails.
  verified.noteAnswer(jobs.kind, child.name, isOutcomeOpen ? differences(desired, live) : [])
  if (!isOver(run, live, desired, options)) return withStartProblem(run, live, dependencies, signal)
  await deleteObject(client, jobs, live, signal, 'Foreground')
  return { kind: 'going' }
}

async function withStartProblem(
  run: JobState,
  live: Readonly<Job>,
  { client, clock }: PoolDependencies,
  signal: AbortSignal,
): Promise<JobState> {
  if (run.kind !== 'starting') return run
  const message = await startProblem(client, live, run, clock.now(), signal)
  return message === undefined ? run : { kind: 'stuck', message }
}

function lacksReport(run: JobState): boolean {
  return run.kind === 'complete' && run.report === undefined
}

/** Whether the Job as it stands is of no more use. */
function isOver(run: JobState, live: Readonly<Job>, desired: Job, { isRetried, isReadable }: JobOptions): boolean {
  switch (run.kind) {
    case 'going':
      return false
    case 'complete':
      if (volumesOf(live) !== volumesOf(desired)) return true
      if (!isReadable) return false
      return run.report === undefined || (isRetried && !isReadable(run.report))
    case 'failed':
      return isRetried || isOtherwise(live, desired)
    case 'running':
    case 'starting':
    case 'stuck':
      return isOtherwise(live, desired)
  }
}

/** Where admission took the mark away, nothing is known: another Job would get no further. */
function isOtherwise(live: Readonly<Job>, desired: Job): boolean {
  return isApplied(live) && !isAppliedAs(live, desired)
}

function volumesOf(job: Readonly<Job>): string | undefined {
  return job.metadata?.annotations?.[JOB_VOLUMES_ANNOTATION]
}

export function podsOf(job: Readonly<Job>, candidates: Iterable<Readonly<Pod>>): readonly Readonly<Pod>[] {
  const uid = job.metadata?.uid
  return [...candidates].filter(({ metadata }) =>
    metadata?.ownerReferences?.some(reference => reference.controller === true && reference.uid === uid),
  )
}

function blocked(problem: ChildProblem | undefined): JobRun {
  if (!problem) throw new Error('a Job that was not applied has a problem')
  return { kind: 'blocked', problem }
}

/** All Jobs of the pool that failed: they are made again when it is their turn. */
export async function removeFailedJobs(
  pool: SeiNodePool,
  { client, stores, clock }: PoolDependencies,
  signal: AbortSignal,
): Promise<void> {
  const failed = ownJobs(pool, stores).filter(job => jobState(job, [], clock.now()).kind === 'failed')
  await Promise.all(failed.map(job => deleteObject(client, jobs, job, signal, 'Foreground')))
}

export function ownJobs(pool: SeiNodePool, stores: Pick<PoolStores, 'jobs'>): readonly Readonly<Job>[] {
  const { namespace, name } = pool.metadata
  return [...stores.jobs.values()].filter(
    job =>
      job.metadata?.namespace === namespace &&
      job.metadata?.labels?.[POOL_LABEL] === name &&
      isOwn(job, poolOwner(pool)),
  )
}
