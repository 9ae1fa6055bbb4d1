/** What the demo shows of one SeiNode: `nodeRow`. Pure. */
import type { TaskPlan } from '../../src/api/seinode-status.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { type BootstrapMode, bootstrapMode } from '../../src/plan/bootstrap.ts'

export interface NodeRow {
  readonly name: string
  readonly mode: BootstrapMode
  /** `-` while the operator has not seen the node. */
  readonly phase: string
  /** `3/7 config-apply` while that task is the current one, `7/7` after the last, `-` before there is a plan. */
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
