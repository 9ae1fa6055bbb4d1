/** What a change of a node brings about, and what `kubectl sei plan` says that it will: `outcomeOf`, `predictedOutcome`. */
import assert from 'node:assert/strict'
import { changedFields, type FieldChange } from '../../src/plugin/plan/object-diff.ts'
import type { Prediction } from '../../src/plugin/plan/predict.ts'
import type { Place } from './field-change.ts'
import type { LivingNode } from './living-node.ts'

/** All that a change may show in, and what it makes of the files that seid reads. */
export type Picture = Readonly<Record<Exclude<Place, 'sent'>, unknown>> & { readonly files: unknown }

/** What follows every restart. */
export const READINESS = 'mark-ready'

/** What a change brings about. */
interface Outcome {
  readonly fields: Readonly<Record<string, readonly FieldChange[]>>
  readonly tasks: readonly { readonly type: string; readonly params: unknown }[]
  readonly hasRestarted: boolean
  readonly conditions: unknown
}

export function outcomeOf(
  initial: Picture,
  changed: Picture,
  tasks: LivingNode['executions'],
  hasRestarted: boolean,
): Outcome {
  const objects = {
    PersistentVolumeClaim: 'claim',
    Service: 'service',
    NetworkPolicy: 'networkPolicy',
    StatefulSet: 'statefulSet',
  } as const
  const fields = Object.entries(objects).map(
    ([kind, place]) => [kind, inOrder(changedFields(initial[place], changed[place]))] as const,
  )
  return {
    fields: Object.fromEntries(fields.filter(([, found]) => found.length > 0)),
    tasks: tasks.filter(({ type }) => type !== READINESS).map(({ type, params }) => ({ type, params })),
    hasRestarted,
    conditions: changed.conditions,
  }
}

export function predictedOutcome(prediction: Prediction | string): Outcome {
  if (typeof prediction === 'string') throw new assert.AssertionError({ message: `expected no refusal: ${prediction}` })
  const { objects, tasks, restarts, conditions, failures, isSettled } = prediction
  assert.deepEqual([failures, isSettled], [[], true])
  const fields = objects.map(({ kind, fields: found }) => [kind, inOrder(found.filter(isDecision))] as const)
  return {
    fields: Object.fromEntries(fields.filter(([, found]) => found.length > 0)),
    tasks: tasks
      .filter(({ part }) => part === 'bootstrap' || part === 'update')
      .map(({ type, params = {} }) => ({ type, params })),
    hasRestarted: restarts.length > 0,
    conditions: conditions.map(({ type, reason }) => [type, reason]),
  }
}

/** Other than of the annotations on the state of a volume. */
function isDecision({ path }: FieldChange): boolean {
  return !path.startsWith('metadata.annotations.sei.io/')
}

function inOrder(fields: readonly FieldChange[]): readonly FieldChange[] {
  return fields.toSorted((a, b) => a.path.localeCompare(b.path))
}

export function predictsWork(prediction: Prediction | string): boolean {
  return typeof prediction !== 'string' && prediction.recurring.length > 0
}
