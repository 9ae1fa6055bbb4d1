/** Which containers of a pod run next: `containersToStart` decides as kubelet does, from the plan and the records alone. */
import { assertNever } from '../../../src/lib/assert-never.ts'
import type { ContainerPlan, PodPlan } from './pod-plan.ts'
import { succeeded } from './container-record.ts'
import type { ContainerExit, ContainerRecord } from './container-record.ts'

export type Records = ReadonlyMap<string, ContainerRecord>

export interface SyncDecision {
  readonly start: readonly ContainerPlan[]
  /** When the crash backoff of a container ends, epoch milliseconds. */
  readonly wakeAt?: number
}

/**
 * Init containers run one after the other; a sidecar lets the next one start once it is `started`; main containers start
 * (and start again) only while every sidecar is. Containers that wait for their image are never in `start`.
 */
export function containersToStart(plan: PodPlan, records: Records, now: number): SyncDecision {
  const start: ContainerPlan[] = []
  let wakeAt: number | undefined
  const consider = (container: ContainerPlan): void => {
    const due = dueAt(container, recordOf(records, container))
    if (due === undefined) return
    if (due <= now) start.push(container)
    else wakeAt = Math.min(due, wakeAt ?? due)
  }
  const decision = (): SyncDecision => ({ start, ...(wakeAt !== undefined && { wakeAt }) })

  if (finishedPhase(plan, records) !== undefined) return decision()
  const initialized = anyMainStarted(plan, records)
  let gated = false
  for (const container of plan.containers) {
    const state = recordOf(records, container).state
    switch (container.role) {
      case 'init':
        if (initialized || succeeded(state)) break
        consider(container)
        return decision()
      case 'sidecar':
        consider(container)
        if (state.kind === 'running' && state.started) break
        if (!initialized) return decision()
        gated = true
        break
      case 'main':
        if (!gated) consider(container)
        break
    }
  }
  return decision()
}

/** The terminal phase of a pod whose main containers ended for good, or whose init container failed for good. */
export function finishedPhase(plan: PodPlan, records: Records): 'Succeeded' | 'Failed' | undefined {
  const exits: ContainerExit[] = []
  for (const container of plan.containers) {
    if (container.role === 'sidecar') continue
    const state = recordOf(records, container).state
    const ended = state.kind === 'terminated' && !willRestart(container, state.exit) ? state.exit : undefined
    if (container.role === 'init') {
      if (ended && ended.exitCode !== 0) return 'Failed'
      continue
    }
    if (!ended) return undefined
    exits.push(ended)
  }
  return exits.every(exit => exit.exitCode === 0) ? 'Succeeded' : 'Failed'
}

/** After a main container ran, the pod counts as initialized, whatever its sidecars do later. */
export function anyMainStarted(plan: PodPlan, records: Records): boolean {
  return plan.containers.some(container => {
    const record = recordOf(records, container)
    return container.role === 'main' && (record.state.kind !== 'waiting' || record.lastExit !== undefined)
  })
}

function dueAt(container: ContainerPlan, record: ContainerRecord): number | undefined {
  const { state } = record
  switch (state.kind) {
    case 'waiting':
      return state.reason === 'PodInitializing' || state.reason === 'ContainerCreating' ? 0 : undefined
    case 'terminated':
      return willRestart(container, state.exit) ? state.restartAt : undefined
    case 'running':
      return undefined
    default:
      return assertNever(state)
  }
}

/** Every container of a plan has a record from the start. */
export function recordOf(records: Records, container: ContainerPlan): ContainerRecord {
  const record = records.get(container.name)
  if (!record) throw new Error(`container ${container.name}: expected a record of it, found none`)
  return record
}

/** Whether its restart policy restarts it after this exit. */
export function willRestart(container: ContainerPlan, exit: ContainerExit): boolean {
  return container.restartPolicy === 'Always' || (container.restartPolicy === 'OnFailure' && exit.exitCode !== 0)
}
