/** Jobs of pools that complete at once: `completeJob`. What a ceremony would report are placeholders: `placeholders`. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { POOL_LABEL } from '../../../api/names.ts'
import { seiNodePools } from '../../../api/resources.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { REPORT_STEP } from '../../../build/pool/genesis-job.ts'
import { poolNames } from '../../../build/pool/names.ts'
import { jobs, pods } from '../../../kube/resources.ts'
import { stableHash } from '../../../lib/stable-hash.ts'
import type { World } from './world.ts'

/** What stands for values that nobody knows before a ceremony, and the words to show in their place. */
export function placeholders(pool: SeiNodePool): ReadonlyMap<string, string> {
  const { nodes } = poolNames(pool)
  return new Map([
    [hashOf(pool), '<SHA-256 of the genesis>'],
    ...nodes.map(({ node }) => [nodeIDOf(node), `<node id of ${node}>`] as const),
  ])
}

/** @returns whether it was not complete before @param now RFC 3339 */
export function completeJob(job: Job, world: World, now: string): boolean {
  const isOver = job.status?.conditions?.some(
    ({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True',
  )
  if (isOver === true) return false
  const { namespace = '', name = '', uid = '', labels = {} } = job.metadata ?? {}
  const pool = world.get(seiNodePools, { namespace, name: labels[POOL_LABEL] ?? '' })
  const message = pool && poolNames(pool).genesisJob === name ? reportOf(pool) : ''
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name: `${name}-simulated`,
      labels: { ...job.spec?.template.metadata?.labels },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }],
    },
    spec: { containers: [], ...job.spec?.template.spec },
    status: {
      phase: 'Succeeded',
      containerStatuses: [
        {
          name: REPORT_STEP,
          image: '',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode: 0, message, finishedAt: now } },
        },
      ],
    },
  }
  world.put(pods, pod)
  const conditions = [{ type: 'Complete', status: 'True' }]
  world.put(jobs, { ...job, status: { ...job.status, conditions, completionTime: now } })
  return true
}

function reportOf(pool: SeiNodePool): string {
  const ids = poolNames(pool).nodes.map(({ index, node }) => `${index} ${nodeIDOf(node)}`)
  return [`genesis ${hashOf(pool)}`, ...ids].join('\n')
}

function nodeIDOf(node: string): string {
  return ['a', 'b', 'c']
    .map(part => stableHash(['node id', node, part]))
    .join('')
    .slice(0, 40)
}

function hashOf({ metadata }: SeiNodePool): string {
  return ['a', 'b', 'c', 'd'].map(part => stableHash(['genesis', metadata.name, part])).join('')
}
