/** Which bootstrap plan holds for a node now, given the one in its status: `currentInitPlan`. Pure. */
import { RETRY_ANNOTATION } from '../api/names.ts'
import type { PlannedTask, TaskPlan } from '../api/seinode-status.ts'
import type { SeiNode } from '../api/seinode.ts'
import { adoptionTasks, bootstrapTasks } from './bootstrap.ts'
import { type AppliedConfig, currentTask, newPlan, retryPlan, retryToken } from './task-plan.ts'
import { snapshotHash } from './wanted-config.ts'

/** A plan whose tasks can be given ids. */
export type IdentifiedPlan = TaskPlan & { readonly id: string }

export type InitPlanChange =
  | 'none'
  | 'created'
  /** The volume has a state, most often of a node of the same name and chain: only its configuration is renewed. */
  | 'adopted'
  /** Another volume stands where the one was that the stored plan worked on. */
  | 'volume-replaced'
  /** A person said that this volume is to be used. */
  | 'volume-accepted'
  /** Written by an operator that kept no ids of plans or volumes. */
  | 'taken-over'
  | 'retried'
  /** The spec asks for other tasks than before. */
  | 'reshaped'

export interface CurrentInitPlan {
  readonly plan: IdentifiedPlan
  readonly change: InitPlanChange
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What a plan is made for. */
export interface PlanContext {
  /** UID of the claim that the node's pod mounts. */
  readonly volumeUID: string
  /** The plan that bootstrapped the claim before, for a node of this name, chain and mode (`adoptableState`). */
  readonly adopted: { readonly planID: string; readonly caughtUpAt: string | undefined } | undefined
  /** A person said that this claim may be used. */
  readonly isAccepted: boolean
  /** The configuration that the spec asks for. */
  readonly config: AppliedConfig
  /** The current task of the stored plan may have been sent though status does not say so. */
  readonly mayBeInFlight: boolean
}

/**
 * A change must be in status before a task is submitted for it: ids of tasks derive from the plan's.
 * @param newID gives a random UUID
 */
export function currentInitPlan(node: SeiNode, context: PlanContext, newID: () => string): CurrentInitPlan {
  const { volumeUID, adopted, isAccepted } = context
  const stored = node.status?.initPlan
  const types = stored?.adoptedFrom === undefined ? bootstrapTasks(node.spec) : adoptionTasks(node.spec)
  // The annotation may outlive what it was set for: a new plan begins with it handled.
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

/** A plan that is complete is believed to have applied what the spec says. */
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

/** The active plan with the tasks that the spec asks for now; what is complete and still asked for stays so. */
function reshape(plan: TaskPlan, types: readonly string[], mayBeInFlight: boolean): TaskPlan {
  const current = currentTask(plan)
  const isSame = types.length === plan.tasks.length && types.every((type, i) => plan.tasks[i]?.type === type)
  // A task in flight is let finish: the sidecar may run what it is sent in parallel.
  if (!current || isSame || mayBeInFlight || current.task.status === 'Submitted') return plan
  const done = plan.tasks.filter(task => task.status === 'Complete')
  const kept = done.findIndex((task, i) => task.type !== types[i])
  const complete = kept === -1 ? done : done.slice(0, kept)
  // Whatever was tried before at any place has used up the ids of its attempts.
  const attempt = 1 + Math.max(0, ...plan.tasks.map(task => task.attempt ?? 0))
  const rest = types.slice(complete.length).map((type): PlannedTask => ({ type, status: 'Pending', attempt }))
  return { ...plan, tasks: [...complete, ...rest] }
}
