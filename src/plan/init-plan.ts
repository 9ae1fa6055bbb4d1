/** Derives a node's current bootstrap plan from the one in its status: `currentInitPlan`. Pure. */
import { RETRY_ANNOTATION } from '../api/names.ts'
import type { PlannedTask, TaskPlan } from '../api/seinode-status.ts'
import type { SeiNode } from '../api/seinode.ts'
import { adoptionTasks, bootstrapTasks } from './bootstrap.ts'
import { type AppliedConfig, currentTask, newPlan, retryPlan, retryToken } from './task-plan.ts'
import { snapshotHash } from './wanted-config.ts'

/** A plan with an id, from which the ids of its tasks derive. */
export type IdentifiedPlan = TaskPlan & { readonly id: string }

export type InitPlanChange =
  | 'none'
  | 'created'
  /** The volume has a state already, usually of a node of the same name and chain: only its configuration is renewed. */
  | 'adopted'
  /** The node has another volume than the one that the stored plan worked on. */
  | 'volume-replaced'
  /** A user consented to this volume. */
  | 'volume-accepted'
  /** The stored plan was written by an operator that recorded no ids of plans or volumes. */
  | 'taken-over'
  | 'retried'
  /** The spec asks for other tasks than before. */
  | 'reshaped'

export interface CurrentInitPlan {
  readonly plan: IdentifiedPlan
  readonly change: InitPlanChange
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The input of a plan. */
export interface PlanContext {
  /** UID of the claim that the node's pod mounts. */
  readonly volumeUID: string
  /** The plan that bootstrapped the claim before, for a node of this name, chain and mode (`adoptableState`). */
  readonly adopted: { readonly planID: string; readonly caughtUpAt: string | undefined } | undefined
  /** A user consented to this claim. */
  readonly isAccepted: boolean
  /** The configuration that the spec asks for. */
  readonly config: AppliedConfig
  /** The current task of the stored plan may have been submitted, although status does not say so. */
  readonly mayBeInFlight: boolean
}

/**
 * A changed plan must be in status before its first task is submitted, because task ids derive from the plan's id.
 * @param newID gives a random UUID
 */
export function currentInitPlan(node: SeiNode, context: PlanContext, newID: () => string): CurrentInitPlan {
  const { volumeUID, adopted, isAccepted } = context
  const stored = node.status?.initPlan
  const types = stored?.adoptedFrom === undefined ? bootstrapTasks(node.spec) : adoptionTasks(node.spec)
  // The annotation may have been set for an earlier plan: a new plan counts it as handled.
  const annotation = node.metadata.annotations?.[RETRY_ANNOTATION]
  const token = annotation === undefined ? undefined : retryToken(annotation)
  const handled = token === undefined ? {} : { retryHandled: token }
  const isNew = !stored || (stored.volumeUID !== undefined && stored.volumeUID !== volumeUID)
  if (isNew && adopted !== undefined) {
    const plan = { ...newPlan(adoptionTasks(node.spec), volumeUID), id: newID(), adoptedFrom: adopted.planID }
    const caughtUp = adopted.caughtUpAt === undefined ? {} : { caughtUpAt: adopted.caughtUpAt }
    return { plan: { ...plan, ...handled, ...caughtUp }, change: isAccepted ? 'volume-accepted' : 'adopted' }
  }
  if (isNew) {
    const plan = { ...newPlan(bootstrapTasks(node.spec), volumeUID), id: newID() }
    return {
      plan: { ...plan, ...handled },
      change: isAccepted ? 'volume-accepted' : stored ? 'volume-replaced' : 'created',
    }
  }
  if (stored.volumeUID === undefined || !isIdentified(stored)) return takenOver(node, stored, context, newID)
  if (token !== undefined && token !== stored.retryHandled) {
    const retried = retryPlan(stored, token)
    const change = retried.phase === stored.phase ? 'none' : 'retried'
    return { plan: { ...reshape(retried, types, false), id: stored.id }, change }
  }
  const reshaped = reshape(stored, types, context.mayBeInFlight)
  return { plan: { ...reshaped, id: stored.id }, change: reshaped === stored ? 'none' : 'reshaped' }
}

/** A complete plan is assumed to have applied the spec. */
function takenOver(
  { spec }: SeiNode,
  stored: TaskPlan,
  { volumeUID, config: { hash, overrideKeys } }: PlanContext,
  newID: () => string,
): CurrentInitPlan {
  const plan = { ...stored, id: isIdentified(stored) ? stored.id : newID(), volumeUID }
  if (stored.phase !== 'Complete') return { plan, change: 'taken-over' }
  const applied = { configHash: hash, overrideKeys, snapshotHash: snapshotHash(spec) }
  return { plan: { ...plan, ...applied }, change: 'taken-over' }
}

export function isIdentified(plan: TaskPlan): plan is IdentifiedPlan {
  return plan.id !== undefined && UUID.test(plan.id)
}

/** The active plan with the tasks of the current spec. Completed tasks that the spec still asks for stay complete. */
function reshape(plan: TaskPlan, types: readonly string[], mayBeInFlight: boolean): TaskPlan {
  const current = currentTask(plan)
  const isSame = types.length === plan.tasks.length && types.every((type, i) => plan.tasks[i]?.type === type)
  // A task in flight finishes first: the sidecar may run tasks in parallel.
  if (!current || isSame || mayBeInFlight || current.task.status === 'Submitted') return plan
  const done = plan.tasks.filter(task => task.status === 'Complete')
  const kept = done.findIndex((task, i) => task.type !== types[i])
  const complete = kept === -1 ? done : done.slice(0, kept)
  // Attempts continue from the highest one so far: an id that was used for any position must not be used twice.
  const attempt = 1 + Math.max(0, ...plan.tasks.map(task => task.attempt ?? 0))
  const rest = types.slice(complete.length).map((type): PlannedTask => ({ type, status: 'Pending', attempt }))
  return { ...plan, tasks: [...complete, ...rest] }
}
