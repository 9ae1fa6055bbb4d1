/** How a condition's reason is described: `Reason`. A reason belongs to one status of its condition. */

export type ConditionStatus = 'True' | 'False' | 'Unknown'

export interface Reason {
  /** The status that the condition has with this reason. */
  readonly status: ConditionStatus
  /** What is the case. One sentence. */
  readonly meaning: string
  /** What the user does about it; empty where there is nothing to do. */
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
