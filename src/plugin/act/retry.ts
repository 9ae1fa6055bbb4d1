/** `kubectl sei retry`: a failed plan goes on at its failed task, a pool makes its failed Jobs again; `prepareRetry`. */
import { RETRY_ANNOTATION } from '../../api/names.ts'
import type { TaskPlan } from '../../api/seinode-status.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { findCondition } from '../../lib/conditions.ts'
import { failedTask, failureText } from '../../plan/task-plan.ts'
import { PluginError } from '../exit-code.ts'
import { type Action, type ActionContext, nameOf } from './action.ts'
import type { Outcome } from './follow.ts'
import { conditionsOf, planOutcome, readAgain, stalledOutcome, waitingOutcome } from './look.ts'
import { setAnnotation } from './writes.ts'

const UNSEEN = 'the operator has not seen the request yet'

export function prepareRetry(context: ActionContext): Action {
  const { target, cluster, now } = context
  const token = new Date(now()).toISOString()
  const act = () => setAnnotation(cluster.client, target, RETRY_ANNOTATION, token)
  const annotated = `The annotation ${RETRY_ANNOTATION} of ${nameOf(target)} is set to ${token}.`
  if (target.kind === 'node') {
    const failed = failedPlan(target.object)
    if (!failed)
      throw new PluginError(
        `${nameOf(target)} has no failed plan, so there is nothing to retry: kubectl sei status ${target.object.metadata.name} says what it does`,
      )
    const task = failedTask(failed.plan)
    return {
      says: [
        ...(task ? [`What failed: ${failureText(task)}`] : []),
        annotated,
        `The operator sends task ${task?.type ?? 'that failed'} again, then those after it. Complete tasks are not repeated.`,
      ],
      steps: [{ act, look: () => lookAtPlan(context, failed.name, token), what: 'the end of the plan' }],
    }
  }
  const stalled = findCondition(conditionsOf(target), 'Stalled')
  if (stalled?.status !== 'True' || !RETRIED.has(stalled.reason))
    throw new PluginError(
      `${nameOf(target)} has no failed Job, so there is nothing to retry: kubectl sei status ${target.object.metadata.name} says what it does`,
    )
  return {
    says: [
      `What failed: ${stalled.message}`,
      annotated,
      'The operator deletes the failed Jobs and makes them again. Volumes that are prepared stay as they are.',
    ],
    steps: [{ act, look: () => lookAtPool(context, token), what: 'the end of the Jobs' }],
  }
}

/** Reasons for which a pool's Jobs are made again. */
const RETRIED: ReadonlySet<string> = new Set(['JobFailed', 'JobStuck', 'OtherGenesis'])

type PlanName = 'initPlan' | 'updatePlan'

function failedPlan({ status }: SeiNode): { readonly name: PlanName; readonly plan: TaskPlan } | undefined {
  for (const name of ['initPlan', 'updatePlan'] as const) {
    const plan = status?.[name]
    if (plan?.phase === 'Failed') return { name, plan }
  }
  return undefined
}

async function lookAtPlan(context: ActionContext, name: PlanName, token: string): Promise<Outcome> {
  const target = await readAgain(context)
  const plan = target.kind === 'node' ? target.object.status?.[name] : undefined
  if (plan?.retryHandled !== token) return { kind: 'waiting', message: UNSEEN }
  return planOutcome(plan, target.object.metadata.name)
}

async function lookAtPool(context: ActionContext, token: string): Promise<Outcome> {
  const target = await readAgain(context)
  if (target.kind === 'node' || target.object.status?.retryHandled !== token)
    return { kind: 'waiting', message: UNSEEN }
  const isPrepared = findCondition(conditionsOf(target), 'NodesPrepared')?.status === 'True'
  if (isPrepared) return { kind: 'done', message: `${target.object.metadata.name}: all volumes are prepared` }
  return stalledOutcome(target) ?? waitingOutcome(target)
}
