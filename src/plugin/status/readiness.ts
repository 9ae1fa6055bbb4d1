/** Conditions as a person reads them: `readiness` in a few words, `findings` with what to do, what is wrong first. Pure. */
import { NODE_REASONS, POOL_REASONS } from '../../api/conditions.ts'
import type { Reason } from '../../api/reason.ts'
import type { Condition } from '../../api/status.ts'
import { findCondition } from '../../lib/conditions.ts'
import type { TargetKind } from '../cluster/find.ts'
import type { Cell } from '../output/table.ts'

/** `True`, `False (Initializing)` or `Stalled (BootstrapFailed)`. */
export function readiness(conditions: readonly Condition[] | undefined): Cell {
  const stalled = findCondition(conditions, 'Stalled')
  if (stalled?.status === 'True') return { text: `Stalled (${stalled.reason})`, style: 'bad' }
  const ready = findCondition(conditions, 'Ready')
  if (!ready) return { text: 'Unknown (not observed)', style: 'warn' }
  if (ready.status === 'True') return { text: 'True', style: 'good' }
  return { text: `${ready.status} (${ready.reason})`, style: 'warn' }
}

/**
 * - `wrong`: keeps the node or pool from what it shall do.
 * - `note`: passes by itself, or says that something is not known.
 */
export type Weight = 'wrong' | 'note' | 'fine'

export interface Finding {
  readonly condition: Condition
  readonly weight: Weight
  /** Empty if nothing is to be done. */
  readonly whatToDo: string
}

const WEIGHTS: readonly Weight[] = ['wrong', 'note', 'fine']

/** One for each condition, those that are wrong first, otherwise in the order of status. */
export function findings(kind: TargetKind, conditions: readonly Condition[]): readonly Finding[] {
  const all = conditions.map(condition => ({
    condition,
    weight: weightOf(condition, conditions),
    whatToDo: reasonOf(kind, condition)?.whatToDo ?? '',
  }))
  return WEIGHTS.flatMap(weight => {
    const ofWeight = all.filter(finding => finding.weight === weight)
    return weight === 'wrong' ? ofWeight.toSorted(stalledFirst) : ofWeight
  })
}

function weightOf({ type, status, reason }: Condition, all: readonly Condition[]): Weight {
  const isStalled = findCondition(all, 'Stalled')?.status === 'True'
  switch (type) {
    case 'Stalled':
      return status === 'True' ? 'wrong' : 'fine'
    case 'Paused':
      return status === 'True' ? 'note' : 'fine'
    case 'Reconciling':
      // Stalled repeats the reason.
      return status === 'True' ? 'note' : 'fine'
    default:
      if (status === 'True') return 'fine'
      return isStalled || !isProgress(reason, all) ? 'wrong' : 'note'
  }
}

/** What is False only until the operator has done its work. */
function isProgress(reason: string, all: readonly Condition[]): boolean {
  const isBusy = findCondition(all, 'Reconciling')?.status === 'True'
  return isBusy || PASSING.has(reason)
}

/** Reasons of a node or pool that is fine and not complete, or that the operator does not look at. */
const PASSING: ReadonlySet<string> = new Set([
  'NewGeneration',
  'CatchingUp',
  'NotObserved',
  'NotChecked',
  'NotMounted',
  'Paused',
  'ResultUnknown',
  'NoBlocks',
  'Terminating',
])

function stalledFirst(a: Finding, b: Finding): number {
  return Number(b.condition.type === 'Stalled') - Number(a.condition.type === 'Stalled')
}

type Reasons = Readonly<Record<string, Readonly<Record<string, Reason>>>>

function reasonOf(kind: TargetKind, { type, reason }: Condition): Reason | undefined {
  const reasons: Reasons = kind === 'node' ? NODE_REASONS : POOL_REASONS
  return reasons[type]?.[reason]
}
