/** What the state of a child means for its owner's conditions: `problemOf`. Pure. */
import type { KubeObject } from '../../kube/types.ts'
import type { ChildState } from './apply-child.ts'
import { refusal } from './failure.ts'

export interface ChildProblem {
  readonly reason: 'ForeignObject' | 'ApplyRefused' | 'Creating'
  readonly message: string
}

export function problemOf<T extends KubeObject>(state: ChildState<T>): ChildProblem | undefined {
  switch (state.kind) {
    case 'applied':
      return undefined
    case 'foreign':
      return { reason: 'ForeignObject', message: state.message }
    case 'refused':
      return { reason: 'ApplyRefused', message: refusal(state.message) }
    case 'terminating':
      return { reason: 'Creating', message: state.message }
  }
}
