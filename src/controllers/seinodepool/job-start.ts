/** Why no container of a Job runs, in the cluster's own words: `startProblem`. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import { POOL_JOB_LABEL } from '../../api/names.ts'
import { unended } from '../../lib/unended.ts'
import { type EventReader, lastWarning, type Warning } from '../shared/last-warning.ts'
import type { JobState } from './job-state.ts'

type Starting = Extract<JobState, { kind: 'starting' }>

/** The Job controller creates a pod at once. Milliseconds. */
const POD_GRACE_MS = 5_000

/** Volumes are attached and images pulled meanwhile; the first attempt of either may fail. Milliseconds. */
const START_GRACE_MS = 30_000

/** A large image from a slow registry takes minutes, and no event warns of that. Milliseconds. */
const START_DEADLINE_MS = 300_000

/**
 * Reads events only once the Job has waited for longer than usual.
 * @param now milliseconds since the epoch
 * @returns undefined while nothing speaks against waiting
 */
export async function startProblem(
  client: EventReader,
  job: Readonly<Job>,
  starting: Starting,
  now: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { pod, since } = starting
  const sinceMs = Date.parse(since)
  if (now - sinceMs < (pod ? START_GRACE_MS : POD_GRACE_MS)) return undefined
  const found = await lastWarning(client, pod ?? job, signal)
  // What was said before speaks of an earlier attempt, or of a machine that was found since.
  const warning = found && found.at >= sinceMs ? found : undefined
  if (!warning && now - sinceMs < START_DEADLINE_MS) return undefined
  return pod ? podMessage(starting, warning) : jobMessage(job, since, warning)
}

function jobMessage({ metadata }: Readonly<Job>, since: string, warning: Warning | undefined): string {
  if (!warning) {
    return `it has had no pod since ${since}, and no event that the operator may read says why: kubectl describe job -n ${metadata?.namespace} ${metadata?.name}`
  }
  return `its pod cannot be created (${said(warning)}). Create the object that is missing, set spec.jobs.resources where a quota or a LimitRange asks for it, or exempt pods with the label ${POOL_JOB_LABEL} from the policy or webhook. The Job tries again by itself`
}

function podMessage({ pod, since }: Starting, warning: Warning | undefined): string {
  const { namespace, name } = pod?.metadata ?? {}
  const words = warning ? ` (${said(warning)})` : ', and no event that the operator may read says why'
  return `none of its containers runs in pod ${name} since ${since}${words}. Correct the cause: kubectl describe pod -n ${namespace} ${name}`
}

function said({ reason, message }: Warning): string {
  return `${reason}: ${unended(message)}`
}
