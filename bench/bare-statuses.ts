/** The statuses that the operator writes for a node that bootstraps without a hitch, as large as its own: `bareStatuses`. Pure. */
import { randomUUID } from 'node:crypto'
import { NODE_CONDITIONS } from '../src/api/conditions.ts'
import type { SeiNodeStatus, TaskPlan } from '../src/api/seinode-status.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import type { Condition, Phase } from '../src/api/status.ts'
import { bootstrapTasks } from '../src/plan/bootstrap.ts'
import { taskID } from '../src/plan/task-id.ts'
import { newPlan } from '../src/plan/task-plan.ts'

export interface BareStatus {
  readonly status: SeiNodeStatus
  readonly event?: { readonly reason: string; readonly note: string }
}

/** Plan made; plan complete; seid running. */
export function bareStatuses(node: SeiNode): readonly BareStatus[] {
  const tasks = bootstrapTasks(node.spec)
  const planned = { ...newPlan(tasks, randomUUID()), id: randomUUID() }
  const done = completed(planned)
  const list = tasks.join(', ')
  return [
    { status: statusOf(node, 'Pending', planned), event: { reason: 'PlanStarted', note: `bootstrap begins: ${list}` } },
    {
      status: statusOf(node, 'Initializing', done),
      event: { reason: 'PlanComplete', note: `bootstrap complete: ${list}` },
    },
    { status: statusOf(node, 'Running', done) },
  ]
}

function statusOf(node: SeiNode, phase: Phase, initPlan: TaskPlan): SeiNodeStatus {
  const { generation = 1, name } = node.metadata
  const conditions = Object.keys(NODE_CONDITIONS).map((type): Condition => ({
    type,
    status: phase === 'Running' ? 'True' : 'False',
    reason: phase,
    message: `what the operator has to say about ${type}`,
    observedGeneration: generation,
    lastTransitionTime: new Date().toISOString(),
  }))
  const dataVolume = { claimName: `data-${name}`, uid: initPlan.volumeUID ?? '' }
  return { observedGeneration: generation, phase, mode: 'full', conditions, dataVolume, initPlan }
}

function completed(plan: TaskPlan & { readonly id: string }): TaskPlan {
  const now = new Date().toISOString()
  const tasks = plan.tasks.map(({ type }, index) => ({
    type,
    taskID: taskID(plan.id, type, index, 1),
    status: 'Complete' as const,
    attempt: 1,
    submittedAt: now,
    completedAt: now,
  }))
  return { ...plan, phase: 'Complete', tasks }
}
