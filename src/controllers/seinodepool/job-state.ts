/** How far a pool's Job is, from the Job and its pods: `jobState`. Pure. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { REFUSED_EXIT_CODE } from '../../build/pool/job.ts'
import { podProblem, type SpecFields } from '../shared/pod-problem.ts'

export type JobState =
  /** `step`: the container that runs; absent before the first. `since`: RFC 3339. */
  | { readonly kind: 'running'; readonly step?: string | undefined; readonly since?: string | undefined }
  /** Its pod does not come up. */
  | { readonly kind: 'stuck'; readonly message: string }
  /** `refused`: the step said that no repetition helps. */
  | { readonly kind: 'failed'; readonly refused: boolean; readonly message: string }
  /** `report`: what the container left as its termination message, which may be empty; absent where its pod is gone. */
  | { readonly kind: 'complete'; readonly report?: string | undefined; readonly at?: string | undefined }
  /** It is being deleted, and is made again when it is gone. */
  | { readonly kind: 'going' }

const POOL_FIELDS: SpecFields = {
  image: 'spec.nodeConfiguration.image',
  sidecarImage: 'spec.nodeConfiguration.sidecar.image',
  entrypoint: 'spec.nodeConfiguration.image',
  byContainer: {
    'patch-genesis': "SEI_OPERATOR_IMAGE, the operator's own image, or the pull secrets of the pods' ServiceAccount",
  },
}

/**
 * @param pods those that the Job made, in any order
 * @param now milliseconds since the epoch
 */
export function jobState(job: Readonly<Job>, pods: readonly Readonly<Pod>[], now: number): JobState {
  if (job.metadata?.deletionTimestamp !== undefined) return { kind: 'going' }
  const newestFirst = pods.toSorted((a, b) => createdAt(b).localeCompare(createdAt(a)))
  const conditions = job.status?.conditions ?? []
  if (conditions.some(({ type, status }) => type === 'Complete' && status === 'True')) {
    const done = newestFirst.find(pod => pod.status?.phase === 'Succeeded')
    const report = done && (done.status?.containerStatuses?.[0]?.state?.terminated?.message ?? '')
    return { kind: 'complete', report, at: job.status?.completionTime }
  }
  const failed = conditions.find(({ type, status }) => type === 'Failed' && status === 'True')
  if (failed) return failure(job, failed.message ?? failed.reason ?? 'it failed', newestFirst)

  const pod = newestFirst.find(({ status }) => status?.phase !== 'Failed')
  if (!pod) return { kind: 'running', since: job.metadata?.creationTimestamp }
  const problem = podProblem(pod, now, POOL_FIELDS)
  if (problem) return { kind: 'stuck', message: problem.message }
  const current = statusesOf(pod).find(({ state }) => state?.running !== undefined)
  return { kind: 'running', step: current?.name, since: current?.state?.running?.startedAt }
}

function failure(job: Readonly<Job>, said: string, pods: readonly Readonly<Pod>[]): JobState {
  const statuses = pods.flatMap(statusesOf)
  const step = statuses.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0)
  const terminated = step?.state?.terminated
  if (!step || !terminated) {
    return { kind: 'failed', refused: false, message: `Job ${job.metadata?.name} failed: ${said}` }
  }
  const end = terminated.message?.trim()
  const words = end ? `: ${end}` : ''
  return {
    kind: 'failed',
    refused: terminated.exitCode === REFUSED_EXIT_CODE,
    message: `Job ${job.metadata?.name} failed at step ${step.name}, exit code ${terminated.exitCode}${words}`,
  }
}

function statusesOf({ status }: Readonly<Pod>): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
}

function createdAt(pod: Readonly<Pod>): string {
  return pod.metadata?.creationTimestamp ?? ''
}
