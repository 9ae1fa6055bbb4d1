/** The description of a condition's reason: `Reason`. Each reason belongs to one status of its condition. */

export type ConditionStatus = 'True' | 'False' | 'Unknown'

export interface Reason {
  /** The condition's status with this reason. */
  readonly status: ConditionStatus
  /** What the reason means. One sentence. */
  readonly meaning: string
  /** What the user has to do; empty if nothing. */
  readonly whatToDo: string
}

export function holds(meaning: string, whatToDo = ''): Reason {
  return { status: 'True', meaning, whatToDo }
}

export function fails(meaning: string, whatToDo = ''): Reason {
  return { status: 'False', meaning, whatToDo }
}

export function unknown(meaning: string, whatToDo = ''): Reason {
  return { status: 'Unknown', meaning, whatToDo }
}

/** A reason of Stalled for which a person is needed. */
export function stalls(meaning: string, whatToDo: string): Reason {
  return { status: 'True', meaning, whatToDo }
}

/** The same reasons of Reconciling, which is False for them. */
export function notReconciling<K extends string>(stalled: Readonly<Record<K, Reason>>): Record<K, Reason> {
  const reasons: Record<K, Reason> = { ...stalled }
  for (const name in reasons) reasons[name] = AS_STALLED
  return reasons
}

const AS_STALLED = fails('As in the condition Stalled.')
