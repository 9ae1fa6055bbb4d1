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
export function notReconciling<T extends Readonly<Record<string, Reason>>>(stalled: T): Record<keyof T, Reason> {
  const as = fails('As in the condition Stalled.')
  return Object.fromEntries(Object.keys(stalled).map(name => [name, as])) as Record<keyof T, Reason>
}
