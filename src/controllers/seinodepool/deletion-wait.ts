/** What holds up the deletion of a pool past its deadline, and what has to stay for it: `isStalled`, `isStopping`, `stallMessage`, `claimsInUse`. Pure. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../../api/seinode.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { poolNames } from '../../build/pool/names.ts'
import type { KubeObject } from '../../kube/types.ts'
import { findCondition } from '../../lib/conditions.ts'
import { unended } from '../../lib/unended.ts'
import { goingState } from './jobs/job-state.ts'
import { isRetained } from './volumes/volumes.ts'

/** Twice the grace period of a node's pod, and a minute. Milliseconds. */
const DEADLINE_MS = 300_000

/** What of a pool that is deleted is still there. */
export interface Remainder {
  readonly nodes: readonly Readonly<SeiNode>[]
  readonly jobs: readonly Readonly<Job>[]
}

/**
 * Whether the object was deleted so long ago that the rest of the pool does not wait for it.
 * @param now milliseconds since the epoch
 */
export function isStalled({ metadata }: Readonly<KubeObject>, now: number): boolean {
  return now - Date.parse(metadata?.deletionTimestamp ?? '') >= DEADLINE_MS
}

/**
 * Whether a validator that was deleted may still stop at any moment. One that is stalled has stopped where its pod is gone; a
 * pod that does not go after it was told to is on a machine of which nothing can be learned.
 */
export function isStopping(node: Readonly<SeiNode>, pod: Readonly<Pod> | undefined, now: number): boolean {
  return !isStalled(node, now) || (pod !== undefined && !isStalled(pod, now))
}

/** Names of the claims that pods of the remainder may write to. Node pods never mount the genesis volume. */
export function claimsInUse(pool: SeiNodePool, { nodes, jobs }: Remainder): ReadonlySet<string> {
  const standing = new Set(nodes.map(({ metadata }) => metadata.name))
  const ofNodes = poolNames(pool).nodes.flatMap(({ node, dataVolume }) => (standing.has(node) ? [dataVolume] : []))
  const ofJobs = jobs.flatMap(({ spec }) =>
    (spec?.template.spec?.volumes ?? []).flatMap(volume => volume.persistentVolumeClaim?.claimName ?? []),
  )
  return new Set([...ofNodes, ...ofJobs])
}

/**
 * @param podsOf the pods of a Job
 * @param now milliseconds since the epoch
 */
export function stallMessage(
  pool: SeiNodePool,
  remainder: Remainder,
  podsOf: (job: Readonly<Job>) => readonly Readonly<Pod>[],
  now: number,
): string {
  const { nodes, jobs } = remainder
  const causes = [
    ...nodes
      .filter(node => isStalled(node, now))
      .map(node => `SeiNode ${held(node)}: ${findCondition(node.status?.conditions, 'Reconciling')?.message ?? ''}`),
    ...jobs.filter(job => isStalled(job, now)).map(job => `Job ${held(job)}${jobCause(podsOf(job), now)}`),
  ]
  const others = [...nodes, ...jobs].filter(object => !isStalled(object, now)).map(({ metadata }) => metadata?.name)
  const going = others.length === 0 ? '' : ` Also waiting for the deletion of ${others.join(', ')}.`
  const claims = [...claimsInUse(pool, remainder)].map(name => `PersistentVolumeClaim ${name}`)
  const volumes = isRetained(pool)
    ? 'All volumes are retained (spec.storage.retainOnDelete)'
    : `Kept until then: ${claims.join(', ')}, which a pod may still write to`
  const policy =
    nodes.length === 0
      ? ''
      : `. NetworkPolicy ${poolNames(pool).policy} stays until then: it guards the pods that may still run`
  return `${causes.map(unended).join('; ')}. The rest of the pool is deleted in the meantime.${going} ${volumes}${policy}`
}

function held({ metadata }: Readonly<KubeObject>): string {
  const { name, deletionTimestamp, finalizers = [] } = metadata ?? {}
  return `${name}, deleted at ${deletionTimestamp}, is blocked by its finalizers ${finalizers.join(', ')}`
}

function jobCause(pods: readonly Readonly<Pod>[], now: number): string {
  const state = goingState(pods, now)
  return state.kind === 'stuck' ? `: ${state.message}` : ''
}
