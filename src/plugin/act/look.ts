/** What a followed object says: `readAgain` reads it; `stalledOutcome`, `planOutcome`. */
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { TaskPlan } from '../../api/seinode-status.ts'
import type { Condition } from '../../api/status.ts'
import { findCondition } from '../../lib/conditions.ts'
import { completedCount, currentTask, failedTask, failureText } from '../../plan/task-plan.ts'
import type { Target } from '../cluster/find.ts'
import { PluginError } from '../exit-code.ts'
import { progressBar } from '../output/progress-bar.ts'
import { fullMessage } from '../status/readiness.ts'
import { nameOf, type ObjectContext } from './action.ts'
import type { Outcome } from './follow.ts'

/** The object as it is now. Throws a PluginError where it is gone, or another one has its name. */
export async function readAgain({ cluster, target, signal }: ObjectContext): Promise<Target> {
  const { namespace = '', name, uid } = target.object.metadata
  const key = { namespace, name }
  const again: Target | undefined =
    target.kind === 'node'
      ? await cluster.client.get(seiNodes, key, { signal }).then(node => node && { kind: 'node', object: node })
      : await cluster.client.get(seiNodePools, key, { signal }).then(pool => pool && { kind: 'pool', object: pool })
  if (again?.object.metadata.uid !== uid || !again) throw new PluginError(`${nameOf(target)} was deleted meanwhile`)
  return again
}

export function conditionsOf({ object }: Target): readonly Condition[] {
  return object.status?.conditions ?? []
}

/** Undefined unless the object is stalled. */
export function stalledOutcome(target: Target): Outcome | undefined {
  const stalled = findCondition(conditionsOf(target), 'Stalled')
  if (stalled?.status !== 'True') return undefined
  const message = fullMessage(stalled, conditionsOf(target))
  return { kind: 'stalled', message: `${nameOf(target)}: ${stalled.reason}: ${message}` }
}

/** What the operator does now, as the summary of a wait. */
export function waitingOutcome(target: Target): Outcome {
  const { object } = target
  const { phase = 'Pending' } = object.status ?? {}
  const conditions = conditionsOf(target)
  const reconciling = findCondition(conditions, 'Reconciling')
  const ready = findCondition(conditions, 'Ready')
  const what = reconciling?.status === 'True' ? reconciling : ready
  const said = what === undefined ? 'not observed yet' : `${what.reason}: ${what.message}`
  const message = `${object.metadata.name}: ${phase}, ${said}`
  const plan = target.kind === 'node' ? target.object.status?.initPlan : undefined
  if (target.kind === 'pool') {
    const { status, spec } = target.object
    const bar = progressBar(status?.readyNodes ?? 0, spec.nodeConfiguration.nodeCount)
    return { kind: 'waiting', message, bar }
  }
  if (plan?.phase !== 'Active') return { kind: 'waiting', message }
  return planProgress(plan, object.metadata.name)
}

/** How far a plan is; done when it is complete, stalled when it has failed. */
export function planOutcome(plan: TaskPlan, name: string): Outcome {
  switch (plan.phase) {
    case 'Complete':
      return { kind: 'done', message: `${name}: all ${plan.tasks.length} tasks are complete` }
    case 'Failed': {
      const failed = failedTask(plan)
      return { kind: 'stalled', message: `${name}: ${failed ? failureText(failed) : 'the plan failed'}` }
    }
    case 'Active':
      return planProgress(plan, name)
  }
}

function planProgress(plan: TaskPlan, name: string): Outcome {
  const done = completedCount(plan)
  const task = currentTask(plan)?.task
  const message = `${name}: ${done} of ${plan.tasks.length} tasks complete${task ? `, ${task.type} ${task.status === 'Submitted' ? 'runs' : 'is next'}` : ''}`
  return { kind: 'waiting', message, bar: progressBar(done, plan.tasks.length) }
}
