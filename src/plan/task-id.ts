/** Deterministic ids of sidecar tasks: after a crash or a lost answer the operator queries the id and resubmits nothing. */
import { uuidV5 } from '../lib/uuid-v5.ts'

/**
 * The id of one attempt at one task of a plan. The type is part of the id because the sidecar recognises duplicates by id alone.
 * @param planID UUID of the plan
 * @param index position of the task in the plan
 * @param attempt counts from 1
 */
export function taskID(planID: string, type: string, index: number, attempt: number): string {
  return uuidV5(planID, `${type}/${index}/${attempt}`)
}

/**
 * The id of a mark-ready that follows a restart of the sidecar. A container id names one start of the sidecar, so every
 * restart gets an id that no sidecar has completed yet.
 * @param repeat counts from 0, for a sidecar that was made not-ready again without a restart
 */
export function readinessTaskID(planID: string, containerID: string, repeat: number): string {
  return uuidV5(planID, `mark-ready/${containerID}/${repeat}`)
}
