/** Conditions as a person reads them: `readinessOf` in a few words, `findings` with what to do, what is wrong first. Pure. */
import { NODE_REASONS, POOL_REASONS } from '../../api/conditions.ts'
import type { Reason } from '../../api/reason.ts'
import type { Condition } from '../../api/status.ts'
import { findCondition } from '../../lib/conditions.ts'
import type { TargetKind } from '../cluster/find.ts'
import type { Cell } from '../output/table.ts'

/** Ready and Stalled of a node or pool. */
export interface Readiness {
  readonly status: 'True' | 'False' | 'Unknown'
  /** Of Stalled if it is True, else of Ready. */
  readonly reason: string
  readonly isStalled: boolean
}

export function readinessOf(conditions: readonly Condition[] | undefined): Readiness {
  const ready = findCondition(conditions, 'Ready')
  const stalled = findCondition(conditions, 'Stalled')
  const isStalled = stalled?.status === 'True'
  const reason = isStalled ? stalled.reason : (ready?.reason ?? 'not observed')
  return { status: ready?.status ?? 'Unknown', reason, isStalled }
}

/** `True`, `False (Initializing)` or `Stalled (BootstrapFailed)`. */
export function readyCell({ status, reason, isStalled }: Readiness): Cell {
  if (isStalled) return { text: `Stalled (${reason})`, style: 'bad' }
  return status === 'True' ? { text: status, style: 'good' } : { text: `${status} (${reason})`, style: 'warn' }
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
    return weight === 'wrong' ? ofWeight.toSorted((a, b) => rank(a) - rank(b)) : ofWeight
  })
}

function weightOf({ type, status, reason }: Condition, all: readonly Condition[]): Weight {
  switch (type) {
    case 'Stalled':
      return status === 'True' ? 'wrong' : 'fine'
    case 'Paused':
      return status === 'True' ? 'note' : 'fine'
    case 'Reconciling':
      // Stalled has its reason where it is False.
      return status === 'True' ? 'note' : 'fine'
    default: {
      if (status === 'True') return 'fine'
      const isBusy = findCondition(all, 'Reconciling')?.status === 'True'
      return isBusy || PASSING.has(reason) ? 'note' : 'wrong'
    }
  }
}

/** Reasons that pass by themselves, or that say that nobody looks. */
const PASSING: ReadonlySet<string> = new Set([
  'NewGeneration',
  'AwaitingMarkReady',
  'CatchingUp',
  'NotObserved',
  'NotChecked',
  'NotMounted',
  'Paused',
  'ResultUnknown',
  'NoBlocks',
  'Terminating',
])

/** Stalled comes first, and Ready, which repeats what others say, last. */
function rank({ condition: { type } }: Finding): number {
  return type === 'Stalled' ? 0 : type === 'Ready' ? 2 : 1
}

/** The message, followed by that of the condition that it refers to. */
export function fullMessage({ message }: Condition, all: readonly Condition[]): string {
  const referred = findCondition(all, /see the condition (\w+)$/.exec(message)?.[1] ?? '')
  return referred && referred.message !== message ? `${message}: ${referred.message}` : message
}

type Reasons = Readonly<Record<string, Readonly<Record<string, Reason>>>>

function reasonOf(kind: TargetKind, { type, reason }: Condition): Reason | undefined {
  const reasons: Reasons = kind === 'node' ? NODE_REASONS : POOL_REASONS
  return reasons[type]?.[reason]
}
