/** What the demo shows of one SeiNode or SeiNodePool: `nodeRow`, `poolRow`. Pure. */
import type { TaskPlan } from '../src/api/seinode-status.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { SeiNodePool } from '../src/api/seinodepool.ts'
import type { Condition } from '../src/api/status.ts'
import { bootstrapMode } from '../src/plan/bootstrap.ts'

export interface NodeRow {
  readonly name: string
  /** How a node gets its first state; `Pool` for a pool. */
  readonly mode: string
  /** `-` while the operator has not seen the node. */
  readonly phase: string
  /** `3/7 config-apply` while that task, or step of a pool, is the current one, `7/7` after the last, `-` before there is a plan. */
  readonly task: string
  /** Milliseconds since the epoch. */
  readonly created: number
}

export function nodeRow({ metadata, spec, status }: Readonly<SeiNode>): NodeRow {
  return {
    name: metadata.name,
    mode: bootstrapMode(spec),
    phase: status?.phase ?? '-',
    task: taskProgress(status?.initPlan),
    created: Date.parse(metadata.creationTimestamp ?? ''),
  }
}

/** Which task of how many is the current one, or the one that failed. */
export function taskProgress(plan: TaskPlan | undefined): string {
  if (!plan) return '-'
  const { tasks, phase } = plan
  const index = tasks.findIndex(task => task.status !== 'Complete')
  const current = tasks[index]
  if (phase === 'Complete' || !current) return `${tasks.length}/${tasks.length}`
  return `${index + 1}/${tasks.length} ${current.type}${current.status === 'Failed' ? ' failed' : ''}`
}

/** A pool's steps, by the condition that holds when each is over. */
const POOL_STEPS = [
  ['GenesisComplete', 'ceremony'],
  ['NodesPrepared', 'volumes'],
  ['NodesReady', 'nodes'],
  ['Ready', 'first block'],
] as const

export function poolRow({ metadata, status }: Readonly<SeiNodePool>): NodeRow {
  return {
    name: metadata.name,
    mode: 'Pool',
    phase: status?.phase ?? '-',
    task: poolProgress(status?.conditions),
    created: Date.parse(metadata.creationTimestamp ?? ''),
  }
}

/** Which step of how many is the current one. */
export function poolProgress(conditions: readonly Condition[] | undefined): string {
  if (!conditions) return '-'
  const count = POOL_STEPS.length
  const holds = (type: string): boolean => conditions.some(each => each.type === type && each.status === 'True')
  const index = POOL_STEPS.findIndex(([type]) => !holds(type))
  return index === -1 ? `${count}/${count}` : `${index + 1}/${count} ${POOL_STEPS[index]?.[1]}`
}
