/** An EC2 instance as the fake knows it: `Instance`. */

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped'

export interface Instance {
  readonly id: string
  readonly region: string
  /** `running` when left out. */
  readonly state?: InstanceState
  readonly tags: Readonly<Record<string, string>>
  readonly privateIp?: string
  readonly publicIp?: string
}

/** EC2's number for each state. */
export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
}

export function stateOf({ state = 'running' }: Instance): InstanceState {
  return state
}
